"""Which commands there are, under the headings of the program's help page."""

SECTIONS = {
    "start": ("demo", "init", "team", "adopt"),
    "daily": (
        "check",
        "sync",
        "watch",
        "summary",
        "overdue",
        "notify",
        "status",
        "conflicts",
        "merge",
    ),
    "months": ("close", "reopen"),
    "service": ("service",),
    "excel": ("addin", "doctor"),
    "kept": ("history", "restore"),
    "rules": ("rules", "explain"),
}
"""Key of the heading → commands; each command is the function of its name in the module
of its name."""

COMMANDS = tuple(name for section in SECTIONS.values() for name in section)
