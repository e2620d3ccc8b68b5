"""g++ 12.2 destroys a temporary twice when it is built from braces or is a capturing lambda inside
an expression that contains co_await. The rule is simpler than the bug: an awaited expression holds
names, literals and calls; anything with a brace or a lambda is a named local first."""

import re

from rules.source import Finding, line_of

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|->|::|&&|\|\||<<|\"[^\"]*\"|'[^']*'|[^\s\w]")
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)

# `{` after one of these begins a block, not a value.
_BLOCK_AFTER = {")", "else", "do", "try", ":", ";", "{", "}", "const", "noexcept", "override",
                "final", "mutable", "&", "&&"}
_BLOCK_HEADS = {"namespace", "class", "struct", "union", "enum", "extern", "concept"}
# `[` after one of these begins a lambda, not a subscript.
_LAMBDA_AFTER = {"(", ",", "=", "{", "}", ";", "return", "co_return", "co_await", "co_yield", "&&",
                 "||", "!", "?", ":", "<<", None}
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def check(tree):
    findings = []
    for path in tree.cpp():
        if "co_await" not in tree.files[path]:
            continue
        code = tree.code(path)
        code = _PREPROCESSOR.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), code)
        for offset, what in _Parser(code).violations():
            text = f"{what} in an expression with co_await: name it first, then move it"
            findings.append(Finding(path, line_of(code, offset), text))
    return findings


class _Expression:
    """What one full expression contains; nested lambda bodies have expressions of their own."""

    def __init__(self):
        self.first = []  # its first tokens, to recognise declarations
        self.awaits = False
        self.suspect = None  # (offset, what) of the first brace or lambda


class _Parser:
    def __init__(self, code):
        self.tokens = [(m.group(), m.start()) for m in _TOKEN.finditer(code)]
        self.at = 0
        self.found = []

    def violations(self):
        while self.at < len(self.tokens):
            self._block()
            self.at += 1  # a surplus closing brace must not end the scan
        return self.found

    def _block(self):
        """Statements up to the closing brace of the block, which is left for the caller."""
        expression = _Expression()
        previous = ";"
        while self.at < len(self.tokens):
            token, _ = self.tokens[self.at]
            if token == "}":
                break
            if token == ";":
                self._end(expression)
                expression = _Expression()
            elif token == "{" and self._begins_block(expression, previous):
                self._end(expression)
                expression = _Expression()
                self.at += 1
                self._block()
                token = "}"
            else:
                token = self._piece(expression, previous)
            previous = token
            self.at += 1
        self._end(expression)

    def _piece(self, expression, previous):
        """One token of an expression, or everything inside a pair of brackets; the last token."""
        token, offset = self.tokens[self.at]
        if len(expression.first) < 4:
            expression.first.append(token)
        if token == "co_await":
            expression.awaits = True
        if token == "[" and self._begins_lambda(previous):
            return self._lambda(expression)
        if token not in _PAIRS:
            return token
        if token == "{":
            expression.suspect = expression.suspect or (offset, "a brace")
        closing = _PAIRS[token]
        inner = token
        self.at += 1
        while self.at < len(self.tokens) and self.tokens[self.at][0] != closing:
            inner = self._piece(expression, inner)
            self.at += 1
        return closing

    def _begins_lambda(self, previous):
        following = self.tokens[self.at + 1][0] if self.at + 1 < len(self.tokens) else None
        attribute = following == "["
        return previous in _LAMBDA_AFTER and not attribute

    def _lambda(self, expression):
        """[captures] (parameters) specifiers -> type { body }"""
        expression.suspect = expression.suspect or (self.tokens[self.at][1], "a lambda")
        while self.at < len(self.tokens) and self.tokens[self.at][0] != "{":
            if self.tokens[self.at][0] in "([":
                self._skip_pair()
            self.at += 1
        self.at += 1
        self._block()
        return "}"

    def _skip_pair(self):
        opening = self.tokens[self.at][0]
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at][0]
            depth += (token == opening) - (token == _PAIRS[opening])
            if depth == 0:
                return
            self.at += 1

    @staticmethod
    def _begins_block(expression, previous):
        if previous in _BLOCK_AFTER:
            return True
        if _BLOCK_HEADS & set(expression.first):
            return True
        # A trailing return type: auto f() -> awaitable<void> {
        return previous == ">" and "=" not in expression.first and not expression.awaits

    def _end(self, expression):
        if expression.awaits and expression.suspect:
            self.found.append(expression.suspect)
