"""Go on training an encoder-decoder model on stories and their summaries.

The model reads its input as ``summarize.models.seq2seq`` builds it, so that what is trained is what will be asked. It
is validated by writing: what it makes of the validation examples is held against their summaries by ROUGE (Lin 2004).
The best checkpoint is kept, and training stops when none got better for a while.

Run: ``summarize train configs/train/seq2seq.yaml``. Run it again and it goes on from the last whole checkpoint; on a
CPU the weights come out as if it had never stopped, to the byte.
"""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor
from torch.utils.data import Dataset
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from summarize.config import Seq2SeqSettings, Settings
from summarize.errors import ConfigError, ModelError, OutputError
from summarize.models.seq2seq import Row, Seq2Seq, shares
from summarize.text import split
from summarize.training.card import write_card
from summarize.training.sources import Example, Examples, SourceSettings, read_examples

LEAST = 8
"""Tokens that an article is given at least; of a story with more articles than fit so, the last ones are left out."""

IGNORED = -100
"""Label of a place that is no part of the summary."""

Report = Callable[[str], None]
"""Takes a line for whoever watches."""


class LoraSettings(Settings):
    """Train small matrices beside the model's own, and add them to it at the end (Hu et al. 2021, arXiv:2106.09685)."""

    rank: int = Field(16, ge=1, description="rank of the matrices")
    alpha: int = Field(32, ge=1, description="what they add is scaled by alpha / rank")
    dropout: float = Field(0.05, ge=0, lt=1, description="dropout before them")
    modules: tuple[str, ...] = Field((), description="names of the layers they stand beside; all linear ones if empty")


class TrainingSettings(Settings):
    """How a model is trained. configs/train/seq2seq.yaml says what each key means."""

    model: str = Field(description="a preset (configs/models/), a folder or a hub name")
    data: SourceSettings
    family: str = Field("auto", description="as in the section seq2seq of the settings")
    prefix: str | None = Field(None, description="likewise")
    separator: str | None = Field(None, description="likewise")
    language: str | None = Field(None, description="likewise")
    trust_remote_code: bool = Field(False, description="likewise")
    max_input: int | None = Field(None, ge=16, description="tokens read at most, if fewer than the model can")
    max_output: int = Field(256, ge=1, description="tokens of a summary that are learned, and written to validate")
    epochs: float = Field(3.0, gt=0, description="times every example is seen")
    steps: int | None = Field(None, ge=1, description="optimiser steps, instead of epochs")
    batch_size: int = Field(4, ge=1, description="examples at once, on each device")
    accumulate: int = Field(4, ge=1, description="batches whose gradients make one step")
    rate: float = Field(3e-5, gt=0, description="highest learning rate")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps in which the rate rises")
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = Field("linear", description="how the rate falls")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's")
    clip: float = Field(1.0, ge=0, description="largest gradient norm; 0: any")
    smoothing: float = Field(0.0, ge=0, lt=1, description="label smoothing")
    validate_every: int | None = Field(None, ge=1, description="steps between validations; an epoch if null")
    validation_examples: int = Field(200, ge=1, description="validation examples used at most")
    beams: int = Field(4, ge=1, description="beam width to validate with")
    metric: Literal["rouge1", "rouge2", "rougeLsum"] = Field("rougeLsum", description="what the best checkpoint has")
    patience: int = Field(3, ge=1, description="validations without a better one after which training stops")
    bfloat16: bool = Field(False, description="compute the training steps in bfloat16; weights stay float32")
    checkpointing: bool = Field(False, description="compute layers twice instead of keeping their states in memory")
    lora: LoraSettings | None = None
    seed: int = Field(13, description="of the order, dropout and new parameters")
    threads: int = Field(0, ge=0, description="CPU threads; 0 leaves it to torch")
    push: str | None = Field(None, description="hub repository that the result is uploaded to")
    private: bool = Field(True, description="whether that repository, if new, is private")

    @model_validator(mode="after")
    def _checks_before_the_end(self) -> "TrainingSettings":
        if self.steps is not None and self.validate_every is not None and self.validate_every > self.steps:
            raise ValueError(f"validate_every {self.validate_every} is more than steps {self.steps}")
        return self

    def reading(self) -> Seq2SeqSettings:
        """How the model is loaded and its input built."""
        return Seq2SeqSettings(
            model=self.model,
            family=self.family,
            prefix=self.prefix,
            separator=self.separator,
            language=self.language,
            trust_remote_code=self.trust_remote_code,
            max_input=self.max_input,
            beams=self.beams,
            device="cpu",  # the trainer takes it where it trains
            precision="float32",
        )


def train(settings: TrainingSettings, output: Path, report: Report) -> dict[str, float]:
    """Train, or go on training, and write the result to a folder that is a model.

    The folder then holds the best weights in safetensors, tokenizer, model card and ``training.json``; with LoRA the
    matrices by themselves as well (``adapter/``); and ``checkpoints/``, which may be deleted.

    Args:
        settings: what is trained on what, and how.
        output: the folder.
        report: is told of each validation.

    Returns:
        The figures of the best validation, by name.

    Raises:
        ConfigError: the folder was begun with other settings or data, or LoRA is not installed.
        ModelError: the model cannot be loaded, or training fails.
        ReadingError: the data cannot be read.
        OutputError: the folder cannot be written, or the hub refuses the result.
    """
    examples = read_examples(settings.data, settings.validation_examples)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    set_seed(settings.seed)
    reader = Seq2Seq(settings.reading())
    facts = _facts(settings, examples, reader)
    finished = _begin(output, facts)
    if finished is not None:
        report(f"{output} is finished: {_line(finished)}")
    else:
        trainer = _trainer(settings, examples, reader, output, report)
        try:
            trainer.train(resume_from_checkpoint=_last_checkpoint(output / "checkpoints"))
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(f"training failed: {' '.join(str(error).split())[:300]}") from None
        finished = trainer.best
        if trainer.is_world_process_zero():
            _finish(settings, trainer, reader, output, {**facts, "validation": finished})
    if settings.push is not None:
        push(output, settings.push, settings.private)
    return finished


class Items(Dataset[dict[str, Any]]):
    """Examples as a model reads them, built when they are asked for.

    Args:
        examples: stories with summaries.
        reader: builds inputs.
        most: tokens of a summary that are kept.
    """

    def __init__(self, examples: Sequence[Example], reader: Seq2Seq, most: int) -> None:
        self._examples, self._reader, self._most = examples, reader, most

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        example = self._examples[index]
        summary = " ".join(example.summary.split()).encode("utf-8", "replace").decode()
        labels = self._reader.tokenizer(text_target=summary, truncation=True, max_length=self._most, verbose=False)
        return {"row": row_of(example.articles, self._reader), "labels": labels["input_ids"]}


def row_of(articles: Sequence[str], reader: Seq2Seq) -> Row:
    """The input for articles, each cut to an equal share of what the model reads."""
    kept = list(articles)
    while len(kept) > 1 and reader.room(len(kept)) < LEAST * len(kept):
        kept.pop()
    tokens = [[token for piece in pieces for token in piece] for pieces in reader.article_pieces([[a] for a in kept])]
    given = shares([len(t) for t in tokens], max(0, reader.room(len(kept))))
    return reader.row([t[:n] for t, n in zip(tokens, given, strict=True)])


def collate(items: Sequence[Mapping[str, Any]], reader: Seq2Seq) -> dict[str, Tensor]:
    """A batch: the inputs' tensors, and labels of shape (batch, longest) padded with ``IGNORED``."""
    labels = [torch.tensor(item["labels"]) for item in items]
    padded = torch.nn.utils.rnn.pad_sequence(labels, batch_first=True, padding_value=IGNORED)
    return {**reader.tensors([item["row"] for item in items]), "labels": padded}


def rouge(written: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """Mean F of rouge-score's ROUGE-1, ROUGE-2 and ROUGE-Lsum, stemmed, 0 to 100."""
    from rouge_score.rouge_scorer import RougeScorer

    names = ["rouge1", "rouge2", "rougeLsum"]
    scorer = RougeScorer(names, use_stemmer=True)
    found = [scorer.score(_lines(b), _lines(a)) for a, b in zip(written, wanted, strict=True)]
    return {name: round(100 * sum(f[name].fmeasure for f in found) / len(found), 4) for name in names}


def _lines(text: str) -> str:
    return "\n".join(text[a:b] for a, b in split(text))


class Trainer(Seq2SeqTrainer):
    """Validates by writing, in the way in which the summarizer will.

    Args:
        reader: builds inputs and writes; its model is the one trained.
        validation: the examples that are written.
        most: tokens of a summary that are written at most.
        report: is told of each validation.
    """

    def __init__(self, *, reader: Seq2Seq, validation: Sequence[Example], most: int, report: Report, **rest: Any):
        super().__init__(**rest)
        self._reader, self._most, self._report = reader, most, report
        self._validation_rows = [row_of(e.articles, reader) for e in validation]
        self._wanted = [e.summary for e in validation]

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """ROUGE of the summaries written now; every process of several gets the same."""
        self._reader.model.eval()
        written = self._reader.generate(self._validation_rows, self._most)
        self._reader.model.train()
        metrics = {f"eval_{name}": value for name, value in rouge(written, self._wanted).items()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        if self.is_world_process_zero():
            self._report(f"step {self.state.global_step}: {_line(_plain(metrics))}")
        return metrics

    @property
    def best(self) -> dict[str, float]:
        """The figures of the best validation."""
        rows = [row for row in self.state.log_history if self.args.metric_for_best_model in row]
        best = next((row for row in rows if row["step"] == self.state.best_global_step), rows[-1] if rows else {})
        return _plain(best)


def _plain(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name.removeprefix("eval_"): value for name, value in metrics.items() if name.startswith("eval_rouge")}


def _line(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in figures.items())


def _trainer(settings: TrainingSettings, examples: Examples, reader: Seq2Seq, output: Path, report: Report) -> Trainer:
    when = "steps" if settings.validate_every else "epoch"
    try:
        arguments = Seq2SeqTrainingArguments(
            output_dir=str(output / "checkpoints"),
            num_train_epochs=settings.epochs,
            max_steps=settings.steps or -1,
            per_device_train_batch_size=settings.batch_size,
            gradient_accumulation_steps=settings.accumulate,
            learning_rate=settings.rate,
            lr_scheduler_type=settings.schedule,
            warmup_steps=settings.warmup,  # below one: a share of the steps
            weight_decay=settings.weight_decay,
            max_grad_norm=settings.clip,
            label_smoothing_factor=settings.smoothing,
            eval_strategy=when,
            save_strategy=when,
            eval_steps=settings.validate_every,
            save_steps=settings.validate_every or 500,
            save_total_limit=2,
            load_best_model_at_end=True,
            metric_for_best_model=f"eval_{settings.metric}",
            greater_is_better=True,
            restore_callback_states_from_checkpoint=True,
            use_cpu=not torch.accelerator.is_available(),
            bf16=settings.bfloat16,
            activation_checkpointing=settings.checkpointing,
            remove_unused_columns=False,
            dataloader_pin_memory=torch.cuda.is_available(),
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            seed=settings.seed,
        )
    except ImportError:
        raise ConfigError("training needs accelerate: pip install 'summarize[train]'") from None
    except ValueError as error:
        raise ConfigError(f"these settings do not go together: {' '.join(str(error).split())[:200]}") from None
    trainer = Trainer(
        model=_with_lora(reader.model, settings.lora) if settings.lora else reader.model,
        args=arguments,
        train_dataset=Items(examples.train, reader, settings.max_output),
        eval_dataset=Items(examples.validation, reader, settings.max_output),
        data_collator=lambda items: collate(items, reader),
        callbacks=[EarlyStoppingCallback(settings.patience)],
        reader=reader,
        validation=examples.validation,
        most=settings.max_output,
        report=report,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _with_lora(model: Any, settings: LoraSettings) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise ConfigError("lora needs peft: pip install 'summarize[train]'") from None
    config = LoraConfig(
        task_type="SEQ_2_SEQ_LM",
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.modules) or "all-linear",
    )
    try:
        with warnings.catch_warnings():  # peft reads a property that transformers renames
            warnings.simplefilter("ignore", FutureWarning)
            return get_peft_model(model, config)
    except ValueError as error:
        raise ConfigError(f"lora.modules: {' '.join(str(error).split())[:200]}") from None


def _facts(settings: TrainingSettings, examples: Examples, reader: Seq2Seq) -> dict[str, Any]:
    """What the result hangs on."""
    chosen = settings.model_dump(exclude={"push", "private", "threads"})
    for part in ("train", "validation"):  # a path says nothing elsewhere; the fingerprint does
        name = chosen["data"][part]
        chosen["data"][part] = Path(name).name if name and Path(name).exists() else name
    base = chosen.pop("model")
    return {
        "recipe": "seq2seq",
        "base_model": Path(base).name if Path(base).exists() else base,
        "base_weights": reader.facts()["weights"],
        "family": reader.family,
        "data_sha256": examples.sha256,
        "examples": {"train": len(examples.train), "validation": len(examples.validation)},
        "settings": chosen,
    }


def _begin(output: Path, facts: Mapping[str, Any]) -> dict[str, float] | None:
    """Sign the folder, or see that it was signed alike; the figures where the run is finished.

    Raises:
        ConfigError: it was begun with other settings, data or base weights, or holds something else.
        OutputError: it cannot be written.
    """
    signature = sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    record, result = output / "run.json", output / "training.json"
    try:
        output.mkdir(parents=True, exist_ok=True)
        if not record.exists():
            if any(output.iterdir()):
                raise ConfigError(f"{output} is not empty and holds no run: choose another output")
            record.write_text(json.dumps({"signature": signature, **facts}, indent=2) + "\n", "utf-8")
            return None
        known = json.loads(record.read_text("utf-8"))
        if known["signature"] != signature:
            others = [k for k, v in facts.items() if known.get(k) != json.loads(json.dumps(v))]
            raise ConfigError(f"{output} was begun with other {', '.join(others)}: choose another output")
        return dict(json.loads(result.read_text("utf-8"))["validation"]) if result.exists() else None
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror}") from None
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{record} or {result.name} is damaged ({error}): choose another output") from None


def _last_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end: its state, which is written last, is whole."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda p: int(p.name.rpartition("-")[2]), reverse=True)
    for checkpoint in found:
        try:
            json.loads((checkpoint / "trainer_state.json").read_text("utf-8"))
        except (OSError, ValueError):
            rmtree(checkpoint, ignore_errors=True)
            continue
        return str(checkpoint)
    return None


def _finish(settings: TrainingSettings, trainer: Trainer, reader: Seq2Seq, output: Path, facts: dict[str, Any]) -> None:
    model: Any = trainer.accelerator.unwrap_model(trainer.model)
    try:
        if settings.lora:
            model.save_pretrained(output / "adapter")
            model = model.merge_and_unload()
        model.save_pretrained(output)
        reader.tokenizer.save_pretrained(output)
        write_card(
            output,
            f"{facts['base_model']}, trained on to summarise stories",
            f"summarize story PATH... --summarizer seq2seq --model {output.name}",
            facts,
            header={
                "base_model": facts["base_model"],
                "library_name": "transformers",
                "pipeline_tag": "summarization",
                "tags": ["summarization", "multi-document"],
            },
        )
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error}") from None


def push(folder: Path, name: str, private: bool) -> None:
    """Upload a trained model to the hub, without its checkpoints; who you are the hub's own login says.

    Raises:
        OutputError: the hub cannot be reached or refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        hub = HfApi()
        hub.create_repo(name, private=private, exist_ok=True)
        hub.upload_folder(folder_path=folder, repo_id=name, ignore_patterns=["checkpoints/*", "run.json"])
    except (HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        raise OutputError(f"cannot upload to the hub as {name!r}: {' '.join(str(error).split())[:200]}") from None
