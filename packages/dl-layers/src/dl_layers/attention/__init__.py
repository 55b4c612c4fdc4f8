"""Attention."""

from dl_layers.attention.attention import AdditiveAttention, Attention
from dl_layers.attention.grouped_query_attention import GroupedQueryAttention as GroupQueryAttention
from dl_layers.attention.multi_head_attention import MultiHeadAttention

__all__ = ["AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"]
