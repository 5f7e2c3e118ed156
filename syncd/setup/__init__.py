"""From nothing to a configuration: what `syncd init` does with the answers it is given.

`address` reads what was pasted, `reach` asks a system and says what is wrong, `choices` works out
what can be chosen, `kept` remembers answers, `files` writes what came of them. Nothing here writes
to a system.
"""
