"""Which standard-library fixes is this interpreter missing? Named at start-up and in CI.

Code that reads hostile input never relies on them; the check tells an operator that the interpreter is behind.
Run as `python -m carnet.config.runtime`.
"""

import email.utils
import io
import sys
import warnings
import zipfile


def missing_fixes() -> list[str]:
    """Return a sentence for each fix that is missing; empty on a current interpreter."""
    missing = []
    # CVE-2023-27043: an address that parses to another one than the mail server will use
    if email.utils.parseaddr("alice@good.example<bob@evil.example>")[1] == "alice@good.example":
        missing.append("e-mail address parsing (CVE-2023-27043): parseaddr accepts 'a@b<c@d>'")
    if not _refuses_overlap():
        missing.append("overlapping zip entries (CVE-2024-0450): zipfile reads entries that share bytes")
    return missing


def _refuses_overlap() -> bool:
    """Build an archive with two directory entries over the same bytes and see whether reading the first is refused."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a", b"x" * 64)
            archive.writestr("b", b"y" * 64)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.infolist()[1].header_offset = 10
            archive.writestr("c", b"z")
        try:
            with zipfile.ZipFile(buffer) as archive:
                archive.read("a")
        except zipfile.BadZipFile:
            return True
    return False


def main() -> None:
    """Print what is missing; never fails the build: the interpreter is the machine's, the caution is ours."""
    for sentence in missing_fixes():
        sys.stderr.write(f"warning: this Python lacks a security fix: {sentence}\n")


if __name__ == "__main__":
    main()
