// What a shell runs to complete the command line: each script only asks the program, and shows its answer.

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const bash = String.raw`# ftsbuild on the bash command line. In ~/.bashrc:  eval "$(ftsbuild completion bash)"
_ftsbuild() {
  local line="\${COMP_LINE:0:COMP_POINT}" words value current kept=""
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]} - 1]}"
  # Where "=" parts words, only what follows it is replaced.
  [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && kept="\${current%=*}="
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ -n $value ]] && COMPREPLY+=("\${value#"$kept"}")
    [[ $value == *[/=] ]] && compopt -o nospace 2> /dev/null
  done < <(command "\${words[0]}" __complete -- "\${words[@]:1}" 2> /dev/null)
  return 0
}
complete -o default -F _ftsbuild ftsbuild
`;

const zsh = String.raw`#compdef ftsbuild
# ftsbuild on the zsh command line. In ~/.zshrc, after compinit:  eval "$(ftsbuild completion zsh)"
_ftsbuild() {
  local line value
  local -a whole open
  for line in "\${(@f)$(command "\${words[1]}" __complete -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2> /dev/null)}"; do
    value="\${line%%$'\t'*}"
    if [[ -z $value ]]; then continue
    elif [[ $value == *[/=] ]]; then open+=("$value")
    else whole+=("\${value//:/\\:}:\${line#*$'\t'}")
    fi
  done
  if (( \${#whole} + \${#open} == 0 )); then _files; return; fi
  (( \${#open} )) && compadd -S '' -- "\${open[@]}"
  (( \${#whole} )) && _describe 'ftsbuild' whole
}
if [[ "\${funcstack[1]}" == _ftsbuild ]]; then _ftsbuild "$@"; else compdef _ftsbuild ftsbuild; fi
`;

const fish = String.raw`# ftsbuild on the fish command line:  ftsbuild completion fish > ~/.config/fish/completions/ftsbuild.fish
function __ftsbuild_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    command $program __complete -- $words "$current" 2> /dev/null
end
complete -c ftsbuild -f -a '(__ftsbuild_complete)'
complete -c ftsbuild -s f -l file -r -F
complete -c ftsbuild -s C -l directory -r -F
complete -c ftsbuild -s o -l output -r -F
`;

export function completionScript(shell: Shell): string {
  // In a template text "${" must be written with a backslash; no shell gets to see it.
  return {bash, zsh, fish}[shell].replaceAll('\\${', '${');
}
