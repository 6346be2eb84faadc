"""Queries: SoQL expressions from the server's own list of functions, and everything around them."""

import mutate

LITERALS = [
    "0", "1", "-1", "2.5", "1e10", "1e308", "1e9999", "1e-9999", "1e99999999", "-1e99999999", "9" * 300, "0.1", ".5", "5.",
    "'text'", "''", "'it''s'", "'%'", "'_'", "'a%_b'", "'\U0001f4a9'", "'2024-01-31T12:00:00'", "'2024-01-31'",
    "'2024-01-31T12:00:00.000Z'", "'0000-00-00'", "'9999-12-31T23:59:59.999'", "'-4713-01-01'", "'true'", "'12'", "'1e400'",
    "true", "false", "null", "'POINT (1 2)'", "'POINT (1e400 2)'", "'POLYGON ((0 0, 0 1, 1 1, 0 0))'", "'POLYGON EMPTY'",
    "'LINESTRING (0 0, 1 1)'", "'MULTIPOLYGON (((0 0, 0 2, 2 2, 0 0)))'", "'POINT (NaN NaN)'", "'" + "x" * 3000 + "'",
    "\"dq\"", "'Y-m'", "'YYYY-MM-DD HH24:MI'", "'%Y'", "'America/New_York'", "'UTC'", "'year'", "'P1D'",
]
OPERATORS = ["+", "-", "*", "/", "%", "^", "||", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "and", "or", "like", "not like"]
SUFFIXES = [" is null", " is not null", " in ({0}, {1})", " not in ({0})", " between {0} and {1}", "::text", "::number",
            "::floating_timestamp", "::point", "::boolean", "::fixed_timestamp", "::json", "::url.description", ".latitude"]
AGGREGATES = ["count(*)", "count({0})", "count(distinct {0})", "sum({0})", "avg({0})", "min({0})", "max({0})", "median({0})",
              "stddev_pop({0})", "stddev_samp({0})", "var_pop({0})", "regr_slope({0}, {1})", "extent({0})"]
WINDOWS = [" over ()", " over (partition by {0})", " over (partition by {0} order by {1})", " over (order by {1} desc)",
           " over (order by {1} rows between 2 preceding and current row)",
           " over (order by {1} rows between unbounded preceding and unbounded following)"]


class Soql:
    """Draws queries on a dataset."""

    def __init__(self, functions, columns, datasets):
        self.functions = [f for f in functions if f.get("name")]
        self.columns = columns + [":id", ":created_at", ":updated_at", ":version", ":*"]
        self.datasets = datasets

    def expression(self, rng, depth=0):
        """One expression, often of a wrong type."""
        kind = rng.random()
        if depth > 4 or kind < 0.30:
            return rng.choice(self.columns)
        if kind < 0.48:
            return rng.choice(LITERALS)
        if kind < 0.62:
            return self.operation(rng, depth)
        if kind < 0.70:
            pattern = rng.choice(SUFFIXES)
            return "(" + self.expression(rng, depth + 1) + ")" + self.filled(rng, pattern, depth)
        if kind < 0.76:
            return (f"case when {self.condition(rng, depth + 1)} then {self.expression(rng, depth + 1)} "
                    f"else {self.expression(rng, depth + 1)} end")
        return self.call(rng, depth)

    def operation(self, rng, depth):
        parts = [self.expression(rng, depth + 1), rng.choice(OPERATORS), self.expression(rng, depth + 1)]
        return "(" + " ".join(parts) + ")"

    def filled(self, rng, pattern, depth):
        for hole in ("{0}", "{1}"):
            pattern = pattern.replace(hole, self.expression(rng, depth + 1))
        return pattern

    def call(self, rng, depth):
        if rng.random() < 0.25:
            function = rng.choice(self.functions)
            return function.get("example") or f"{function['name']}()"
        function = rng.choice(self.functions)
        arguments = [self.expression(rng, depth + 1) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
        return f"{function['name']}({', '.join(arguments)})"

    def aggregate(self, rng):
        text = self.filled(rng, rng.choice(AGGREGATES), 3)
        return text + (self.filled(rng, rng.choice(WINDOWS), 3) if rng.random() < 0.3 else "")

    def condition(self, rng, depth=0):
        left, right = self.expression(rng, depth + 1), self.expression(rng, depth + 1)
        one = f"{left} {rng.choice(OPERATORS)} {right}"
        return f"not ({one})" if rng.random() < 0.1 else one

    def selection(self, rng):
        one = rng.random()
        if one < 0.15:
            return "*"
        if one < 0.2:
            return f"* (except {rng.choice(self.columns)}), {self.expression(rng)} as x"
        items = [self.aggregate(rng) if rng.random() < 0.3 else self.expression(rng) for _ in range(rng.choice((1, 1, 2, 4)))]
        return ", ".join(f"{item} as c{n}" if rng.random() < 0.5 else item for n, item in enumerate(items))

    def statement(self, rng, depth=0):
        """A whole `$query`."""
        text = "select " + self.selection(rng)
        if rng.random() < 0.2:
            other = rng.choice(self.datasets)
            text += f" join @{other} as j on {self.expression(rng, 3)} = @j.{rng.choice(self.columns)}"
        for chance, clause in ((0.5, " where " + self.condition(rng)), (0.3, " group by " + self.expression(rng, 2)),
                               (0.15, " having " + self.condition(rng, 2)), (0.4, " order by " + self.order(rng)),
                               (0.3, " limit " + rng.choice(("0", "1", "5", "-1", "1e9", "99999999999999999999"))),
                               (0.1, " offset " + rng.choice(("0", "1", "1000000000000")))):
            if rng.random() < chance:
                text += clause
        if depth < 3 and rng.random() < 0.15:
            joint = rng.choice((" |> ", " union ", " union all ", " intersect ", " minus "))
            text += joint + self.statement(rng, depth + 1)
        return text

    def order(self, rng):
        return f"{self.expression(rng, 2)} {rng.choice(('asc', 'desc', 'desc null last', 'asc null first', ''))}"

    def parameters(self, rng):
        """Pairs of a read's query string, not yet encoded."""
        if rng.random() < 0.35:
            return [("$query", self.damaged(rng, self.statement(rng)))]
        pairs = []
        choices = [("$select", lambda: self.selection(rng)), ("$where", lambda: self.condition(rng)),
                   ("$group", lambda: self.expression(rng, 2)), ("$having", lambda: self.condition(rng, 2)),
                   ("$order", lambda: self.order(rng)), ("$limit", lambda: rng.choice(LITERALS)),
                   ("$offset", lambda: rng.choice(LITERALS)), ("$q", lambda: rng.choice(LITERALS)),
                   (rng.choice(self.columns), lambda: rng.choice(LITERALS)), ("$jsonp", lambda: rng.choice(("f", "a.b", "<x>"))),
                   ("$$exclude_system_fields", lambda: "false"), ("$$bom", lambda: "true"), ("$nope", lambda: "1")]
        for name, value in choices:
            if rng.random() < 0.18:
                pairs.append((name, self.damaged(rng, value())))
        return pairs

    @staticmethod
    def damaged(rng, text):
        if rng.random() < 0.75:
            return text
        return mutate.damaged(rng, text.encode(), 1).decode(errors="surrogateescape")
