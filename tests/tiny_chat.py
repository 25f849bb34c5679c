"""A causal model with a chat template that gives one answer, whatever it is asked; and what its tokenizer is made of.

Its only layer adds nothing, and its last matrix knows two steps: from the line feed that ends a prompt to the answer,
which is one entry of the vocabulary, and from the answer to the end. So what is tested is everything but the sense.
"""

from pathlib import Path

import torch
from conftest import DATA
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

START, END = "<|im_start|>", "<|im_end|>"

TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + TEMPLATE


def save_chat_model(folder: Path, answer: str, template: str | None = TEMPLATE, window: int = 8192) -> Path:
    """A Qwen2 of 32 dimensions and its byte-level tokenizer, trained on the flood, in ``folder``."""
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>", START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([p.read_text("utf-8") for p in sorted((DATA / "flood").iterdir())], trainer)
    tokenizer.add_tokens([answer])
    feed, said, end = (tokenizer.token_to_id(t) for t in ("Ċ", answer, END))

    config = Qwen2Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=window,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=0,
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        words = model.model.embed_tokens.weight.normal_()
        model.lm_head.weight.zero_()
        model.lm_head.weight[said] = words[feed]
        model.lm_head.weight[end] = words[said]
    model.generation_config.eos_token_id = end
    model.generation_config.pad_token_id = 0
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, pad_token="<|endoftext|>", additional_special_tokens=[START]
    )
    fast.chat_template = template
    fast.save_pretrained(folder)
    return folder
