"""One psql that stays connected: a statement goes in, its rows or its error come out."""

import json
import subprocess

MARK = "@@end@@"


class Refused(Exception):
    """What the server said no with; `state` is its SQLSTATE."""

    def __init__(self, state, text):
        super().__init__(f"{state} {text}")
        self.state = state


class Session:
    def __init__(self, dsn):
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-d", dsn],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.run("SET client_min_messages = warning; SET timezone = 'UTC'")

    def run(self, statement):
        """The lines that a statement prints."""
        self.psql.stdin.write(f"{statement}\n;\n\\echo {MARK} :SQLSTATE\n")
        self.psql.stdin.flush()
        lines = []
        while True:
            line = self.psql.stdout.readline()
            assert line, f"psql is gone: {lines}"
            line = line.rstrip("\n")
            if line.startswith(MARK):
                break
            lines.append(line)
        state = line.removeprefix(MARK).strip()
        if state != "00000":
            raise Refused(state, "\n".join(lines))
        return lines

    def call(self, function, *arguments, **named):
        """What a function of pgwright returns, as Python has it; numbers with a fraction as text."""
        written = [literal(value) for value in arguments]
        written += [f"{name} => {literal(value)}" for name, value in named.items()]
        lines = self.run(f"SELECT pgwright.{function}({', '.join(written)})")
        text = "\n".join(lines)
        return json.loads(text, parse_float=str) if text else None

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(30)
        self.psql.stdout.close()


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        value = json.dumps(value)
    return "'" + str(value).replace("'", "''") + "'"
