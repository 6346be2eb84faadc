using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace SodaMock
{
    /// <summary>What a program sent and what became of each row, short enough to read in a failed test.</summary>
    static class Report
    {
        public const int Lines = 10;
        const int Width = 110;

        static string Fitting(string line) => line.Length <= Width ? line : line.Substring(0, Width - 1) + "…";

        /// <summary>One line for a request: number, method, path, status, counts, fault.</summary>
        static string Head(XElement request)
        {
            var parts = new List<string> { "#" + request.Text("id"), request.Text("method"), request.Text("path") };
            parts.Add(request.Text("status") ?? "no answer");
            if (request.Object("rows") is XElement counts)
                foreach (var count in new[] { "created", "updated", "deleted", "errors" })
                    if ((counts.Text(count) ?? "0") != "0") parts.Add(counts.Text(count) + " " + count);
            if (request.Object("fault") is XElement fault) parts.Add("(fault " + fault.Text("id") + ")");
            if (request.Object("error") is XElement error) parts.Add(error.Text("code") + ": " + error.Text("message"));
            return Fitting(string.Join(" ", parts));
        }

        /// <summary>One line for all rows that fared alike, those that failed first.</summary>
        static IEnumerable<string> Rows(XElement request)
        {
            var rows = request.Element("fates").Elements().Select(row => new
            {
                Failed = row.Text("fate") == "error",
                // A reason may end in the key of its row.
                What = (row.Text("reason") ?? row.Text("fate")).Split(new[] { ": key " }, StringSplitOptions.None)[0],
                Key = row.Text("key") ?? "row " + row.Text("index"),
            });
            foreach (var group in rows.GroupBy(row => row.What).OrderBy(group => group.First().Failed ? 0 : 1))
            {
                var keys = group.Select(row => row.Key).ToList();
                var shown = string.Join(", ", keys.Take(10)) + (keys.Count > 10 ? ", …" : "");
                yield return Fitting("    " + keys.Count + (keys.Count == 1 ? " row " : " rows ") + group.Key + ": " + shown);
            }
        }

        /// <summary>At most ten lines about the newest requests; `details` tells one of them with its rows.</summary>
        public static string Describe(XElement journal, Func<string, XElement> details)
        {
            var requests = journal.Element("requests").Elements().ToList();
            if (requests.Count == 0) return "no request reached this space: was the program given its url, user and password?";
            var lines = new List<string>();
            var hidden = requests.Count;
            for (var left = Lines - 1; hidden > 0; left = Lines - 1 - lines.Count)
            {
                var request = requests[hidden - 1];
                var block = new List<string> { Head(request) };
                if (request.Object("rows") != null) block.AddRange(Rows(details(request.Text("id"))));
                if (request.Text("hint") is string hint) block.Add(Fitting("    " + hint));
                if (block.Count > left && left < 2) break;
                if (block.Count > left) block = block.Take(left - 1).Concat(new[] { "    …" }).ToList();
                lines.InsertRange(0, block);
                hidden--;
            }
            if (hidden > 0) lines.Insert(0, hidden + " requests before:");
            return string.Join("\n", lines);
        }

        /// <summary>Why `Verify` or `Expect` said no.</summary>
        public static string Explain(XElement problem)
        {
            var lines = new List<string> { problem.Text("detail") };
            foreach (var near in problem.Elements("nearest").Elements())
            {
                var says = near.Element("differences").Elements().Select(difference => difference.Text("says"));
                lines.Add("nearest " + Head(near) + ": " + string.Join("; ", says));
            }
            foreach (var side in problem.Elements("difference").Elements("rows").Elements())
                foreach (var row in side.Elements().Take(3))
                    lines.Add(side.Name + " " + (row.Text("key") ?? "row") + " " + string.Join(", ", row.Elements("fields").Elements().Select(Field)));
            return string.Join("\n", lines);
        }

        static string Field(XElement field) =>
            field.Name + ": expected " + field.Text("expected") + ", is " + field.Text("actual");
    }
}
