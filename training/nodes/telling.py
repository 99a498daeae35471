"""The journal of a training, for who reads the log of its first node."""

from ...jobfolder import Entry, JobFolder, JournalError, Kind, read_entries, whole_lines


class Telling:
    """Prints what is new in a journal."""

    def __init__(self, folder: JobFolder) -> None:
        self._path = folder.journal
        self._told = len(self._read())

    def look(self) -> bool:
        """Print what is new, and say that the training goes on."""
        data = self._read()
        new = whole_lines(data[self._told :])
        self._told += len(new)
        try:
            for entry in read_entries(new):
                print(_words(entry), flush=True)  # noqa: T201 - the log of the node
        except JournalError as error:
            print(error, flush=True)  # noqa: T201 - as above
        return False

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""


def _words(entry: Entry) -> str:
    name = "" if entry.kind is Kind.STEP else entry.kind.value
    code = f"[{entry.code}]" if entry.code else ""
    step = "" if entry.step is None else f"step {entry.step:,}"
    values = "".join(f"  {name} {value:.4g}" for name, value in entry.values.items())
    facts = "".join(f"  {name} {fact}" for name, fact in entry.facts.items() if fact is not None)
    message = f": {entry.message}" if entry.message else ""
    head = " ".join(word for word in (name, step, entry.pointer, code) if word)
    return head + message + (values or facts)
