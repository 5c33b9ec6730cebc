#compdef evercred
# Lets zsh complete evercred: source <(evercred completion zsh), or put it in a file _evercred of a folder in $fpath.
_evercred() {
    local found line
    local -a values
    found=$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null) || return 1
    if [[ $found == :files ]]; then
        _files
        return
    fi
    for line in "${(f)found}"; do
        [[ -n $line ]] || continue
        # _describe wants "value:text", and colons of the value escaped.
        values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( ${#values} )) && _describe -V evercred values
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _evercred "$@"
else
    compdef _evercred evercred
fi
