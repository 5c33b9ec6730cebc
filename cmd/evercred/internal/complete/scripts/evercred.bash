# Lets bash complete evercred: source <(evercred completion bash)
_evercred() {
    local current="${COMP_WORDS[COMP_CWORD]}" line found
    COMPREPLY=()
    found=$("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return 0
    if [[ $found == :files ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done < <(compgen -f -- "${current#=}")
        return 0
    fi
    while IFS= read -r line; do
        [[ -n $line ]] && COMPREPLY+=("${line%%$'\t'*}")
    done <<<"$found"
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *, ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -F _evercred evercred
