"""Values on which encoders disagree: the raw material of every venue's corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS: Mapping[str, str] = {
    "space": "a b",
    "plus": "a+b",
    "percent": "100%",
    "escape": "a%20b",
    "slash": "a/b",
    "backslash": "a\\b",
    "tilde": "~a",
    "apostrophe": "it's",
    "parentheses": "(a)",
    "exclamation": "a!",
    "asterisk": "a*b",
    "at": "a@b",
    "ampersand": "a&b",
    "equals": "a=b",
    "hash": "a#b",
    "quotes": 'say "a"',
    "question": "a?b",
    "comma": "a,b;c:d",
    "brackets": "[a]{b}<c>|^`",
    "dollar": "$a",
    "unreserved": "a-b_c.d",
    "newline": "a\nb\tc",
    "latin": "é",
    "chinese": "币安人生",
    "emoji": "🚀👩‍🚀",
    "right-to-left": "שלום",
    "combining": "e\u0301",
    "mixture": "a b+c%d/é~*@",
    "all-at-once": "a b+c%d/é~*@'()!&=#\"",
    "signature-inside": "a&signature=b",
}
"""Texts by what is awkward about them; each is legal JSON and legal UTF-8."""

NUMBERS: Mapping[str, Any] = {
    "integer": 7,
    "zero": 0,
    "negative": -3,
    "large-integer": 9_007_199_254_740_991,
    "float": 0.001,
    "tiny-float": 1e-7,
    "huge-float": 1e22,
    "long-float": 123456.78901234567,
    "whole-float": 5.0,
    "decimal": {"$decimal": "0.10"},
    "tiny-decimal": {"$decimal": "0.00000001"},
    "exponent-decimal": {"$decimal": "1E-7"},
}
"""Numbers by how they are written; ``$decimal`` as in the line protocol."""

FLAGS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "empty": ""}
"""Values that some encoders drop and others write down."""

LONG = "x" * 1_500
"""A value longer than a URL is comfortable with."""
