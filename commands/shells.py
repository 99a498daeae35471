"""The completion scripts of shells, and where each is installed."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .streams import say, usage, write

_BASH: Final = """\
# Completion of sftc for bash.
_sftc_complete() {
    local word="${COMP_WORDS[COMP_CWORD]}" kind value help
    [ "$word" = "=" ] && word=""
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value help; do
        case "$kind" in
        word)
            COMPREPLY+=("$value")
            ;;
        file | folder)
            compopt -o filenames 2>/dev/null
            while IFS= read -r help; do
                if [ -d "$help" ] || { [ "$kind" = file ] && [[ $help == *"$value" ]]; }; then
                    COMPREPLY+=("$help")
                fi
            done < <(compgen -f -- "$word")
            ;;
        esac
    done < <(_SFTC_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [ "${#COMPREPLY[@]}" -gt 1 ]; then
        local IFS=$'\\n'
        COMPREPLY=($(printf '%s\\n' "${COMPREPLY[@]}" | sort -u))
    fi
}
complete -F _sftc_complete sftc
"""

_ZSH: Final = """\
#compdef sftc
# Completion of sftc for zsh.
_sftc_complete() {
    local kind value help folders
    local -a found ends
    while IFS=$'\\t' read -r kind value help; do
        case $kind in
        word) found+=("${value//:/\\\\:}:$help") ;;
        file) ends+=("*$value") ;;
        folder) folders=1 ;;
        esac
    done < <(_SFTC_COMPLETE=zsh $words[1] "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( $#found )) && _describe -V sftc found
    (( $#ends )) && _files -g "(${(j:|:)ends})"
    [[ -n $folders ]] && _files -/
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _sftc_complete sftc
"""

_FISH: Final = """\
# Completion of sftc for fish.
function __sftc_complete
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    for line in (env _SFTC_COMPLETE=fish $before[1] $before[2..] "$current" 2>/dev/null)
        set -l parts (string split -m 2 \\t -- $line)
        switch $parts[1]
            case word
                printf '%s\\t%s\\n' $parts[2] $parts[3]
            case file
                __fish_complete_suffix "$parts[2]"
            case folder
                __fish_complete_directories "$current"
        end
    end
end
complete -c sftc -f -a '(__sftc_complete)'
"""

SCRIPTS: Final[Mapping[str, str]] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""The script of each shell."""


def installed(shell: str) -> None:
    """Write the script of a shell, and have the shell load it; exit with 1 if that fails."""
    if not os.environ.get("HOME"):
        usage("HOME is not set, so there is no place for the script: use --show-completion")
    path = _script(shell)
    write(path, SCRIPTS[shell].encode())
    say(f"Wrote {path}.")
    if startup := _startup(shell):
        line = f"source {shlex.quote(str(path))}"
        before = startup.read_text("utf-8", "surrogateescape") if startup.exists() else ""
        if line not in before.splitlines():
            gap = "\n" if before and not before.endswith("\n") else ""
            text = f"{before}{gap}\n# Completion of sftc\n{line}\n"
            write(startup.resolve(), text.encode("utf-8", "surrogateescape"))
            say(f"Added a line to {startup} that loads it.")
    say("Open a new shell to use it.")


def _script(shell: str) -> Path:
    """Return where the script of a shell is kept."""
    home = Path.home()
    if shell == "fish":  # which loads what is in this folder
        config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        return config / "fish" / "completions" / "sftc.fish"
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "sftc" / f"completion.{shell}"


def _startup(shell: str) -> Path | None:
    """Return the file that a shell runs when it starts; None if it need not be changed."""
    if shell == "bash":
        return Path.home() / ".bashrc"
    if shell == "zsh":
        return Path(os.environ.get("ZDOTDIR") or Path.home()) / ".zshrc"
    return None
