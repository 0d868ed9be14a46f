/** What the shells load; each asks `k3dui __complete` at every Tab. `NAME` stands for the program's name. */
export const SCRIPTS = {
  /* Bash splits words at = : @ as well; they are put together for the question, and cut again for the answer. */
  bash: `# Completion for NAME in bash.

__NAME_complete() {
  COMPREPLY=()
  local rest=\${COMP_LINE:0:COMP_POINT} words=() word lines line directive i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      words+=("")
    fi
    ((i == COMP_CWORD)) && word=$rest
    words[\${#words[@]} - 1]+=$word
    rest=\${rest#"$word"}
  done
  local current=\${words[\${#words[@]} - 1]}
  lines=$(NAME __complete "\${words[@]:1}" 2>/dev/null) || return
  directive=\${lines##*:}
  lines=\${lines%:*}
  # What of the word stands before its last sign at which bash splits words stays as it is.
  local breaks=\${COMP_WORDBREAKS//[\\"\\'\\\\$\\\`[:space:]]/} kept=""
  if [[ -n $breaks && $current == *["$breaks"]* ]]; then kept=\${current%"\${current##*["$breaks"]}"}; fi
  # An @ belongs to what comes after it.
  kept=\${kept%@}
  if ((directive & 8)); then
    local IFS=$'\\n' endings
    endings=$(printf '%s' "$lines" | tr '\\n' '|')
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "\${current#"$kept"}") $(shopt -s extglob; compgen -f -X "!*.@(\${endings%|})" -- "\${current#"$kept"}"))
    return
  fi
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    [[ -n $line && $line == "$current"* ]] && COMPREPLY+=("$(printf '%q' "\${line#"$kept"}")")
  done <<<"$lines"
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ((\${#COMPREPLY[@]} == 0 && !(directive & 4))); then
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "\${current#"$kept"}"))
  fi
}

# For another name, such as an alias: complete -F __NAME_complete OTHER
complete -F __NAME_complete NAME
`,

  zsh: `#compdef NAME
# Completion for NAME in zsh.

_NAME() {
  local -a lines values texts space
  local line directive
  lines=("\${(@f)$(NAME __complete "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  if [[ $directive != <-> ]]; then return 1; fi
  lines=("\${(@)lines[1,-2]}")
  if (( directive & 8 )); then
    _files -g "*.(\${(j:|:)lines})(-.)"
    return
  fi
  for line in "\${(@)lines}"; do
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'* ]]; then texts+=("\${line%%$'\\t'*} -- \${line#*$'\\t'}"); else texts+=("$line"); fi
  done
  if (( directive & 2 )); then space=(-S ''); fi
  if (( \${#values} )); then
    compadd -l -d texts "\${(@)space}" -a values
  elif (( !(directive & 4) )); then
    _files
  fi
}

if [ "\${funcstack[1]}" = "_NAME" ]; then _NAME "$@"; else compdef _NAME NAME; fi
`,

  fish: `# Completion for NAME in fish.

function __NAME_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (NAME __complete $words[2..-1] "$current" 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive (string replace : '' -- $lines[-1])
    set -e lines[-1]
    if test (math "bitand($directive, 8)") -gt 0
        for ending in $lines
            __fish_complete_suffix "$current" .$ending
        end
    else if test (count $lines) -gt 0
        printf '%s\\n' $lines
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path "$current"
    end
end

complete -c NAME -e
complete -c NAME -f -a '(__NAME_complete)'
`,

  powershell: `# Completion for NAME in PowerShell.

Register-ArgumentCompleter -Native -CommandName 'NAME' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $current = if ($wordToComplete) { $wordToComplete } else { '""' }
    $lines = @(& NAME __complete @words $current 2>$null)
    if ($lines.Count -eq 0) { return }
    $directive = [int]$lines[-1].TrimStart(':')
    $found = @($lines | Select-Object -SkipLast 1)
    if (($directive -band 8) -or ($found.Count -eq 0 -and -not ($directive -band 4))) {
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        return
    }
    foreach ($line in $found) {
        $name, $text = $line -split "\`t", 2
        if (-not $text) { $text = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
    }
}
`,
} as const;

export type Shell = keyof typeof SCRIPTS;

/** The script that a shell loads to complete the program of that name (letters only). */
export function completionScript(shell: Shell, program: string): string {
  return SCRIPTS[shell].replaceAll('NAME', program);
}
