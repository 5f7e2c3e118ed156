"""A connector file to begin with: out of answers, or out of what an OpenAPI document tells.

`outline` is what is known of a system, `openapi` reads a document into one by what `guesses` knows
of names, `text` writes the file. What was guessed is marked in it for a person to check.
"""
