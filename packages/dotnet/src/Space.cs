using System;
using System.Net.Http;
using System.Text;
using System.Xml.Linq;

namespace SodaMock
{
    /// <summary>The admin API does not take what was asked.</summary>
    public sealed class RefusedException : Exception
    {
        internal RefusedException(string message) : base(message) { }
    }

    /// <summary>What `Verify` and `Expect` fail with.</summary>
    public sealed class UnmetException : Exception
    {
        internal UnmetException(string message) : base(message) { }
    }

    /// <summary>Data, journal, faults, clock, ids and accounts that no other space sees. A program reaches it without any
    /// change by `User` and `Password`, or by `AppToken`; the header `X-Mock-Space` with `Name` is for one that sends
    /// neither. What is sent and told is JSON.</summary>
    public sealed class Space : IDisposable
    {
        static readonly HttpClient http = new HttpClient(new HttpClientHandler { UseProxy = false });

        public Server Server { get; }
        public string Url => Server.Url;
        public string User { get; }
        public string Password => "secret";
        public string AppToken { get; }
        public string Name { get; }

        internal Space(Server server)
        {
            Server = server;
            var mark = Guid.NewGuid().ToString("N").Substring(20);
            User = "publisher-" + mark;
            AppToken = "app-token-" + mark;
            var bind = "{\"bind\":{\"users\":[{\"name\":\"" + User + "\",\"password\":\"" + Password
                + "\"}],\"app_tokens\":[\"" + AppToken + "\"]}}";
            Name = Json.Parse(Call("POST", "/spaces", bind)).Text("name");
        }

        /// <summary>One call of the admin API in this space.</summary>
        public string Call(string method, string path, string body = null)
        {
            using (var request = new HttpRequestMessage(new HttpMethod(method), Server.Admin + path))
            {
                if (body != null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                if (Name != null) request.Headers.Add("X-Mock-Space", Name);
                using (var answer = http.SendAsync(request).GetAwaiter().GetResult())
                {
                    var told = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
                    if (answer.IsSuccessStatusCode) return told;
                    var problem = Json.Parse(told);
                    var code = problem.Text("code");
                    if (code == "verify_failed" || code == "expect_failed") throw new UnmetException(Report.Explain(problem));
                    throw new RefusedException(method + " " + path + ": " + problem.Text("detail") + " (" + code + ")");
                }
            }
        }

        /// <summary>Creates or replaces a dataset; the definition is the short form of a seed.</summary>
        public string Dataset(string id, string definition)
        {
            Call("PUT", "/datasets/" + id, definition);
            return id;
        }

        /// <summary>The stored rows.</summary>
        public string Rows(string dataset) => Call("GET", "/datasets/" + dataset + "/rows?format=json");

        /// <summary>What each write did to each row.</summary>
        public string Changes(string dataset) => Call("GET", "/datasets/" + dataset + "/changes");

        /// <summary>Arms a fault, {"match": {"operation": "upsert"}, "times": 2, "do": {"status": 503}}; its id.</summary>
        public string Fault(string rule) => Json.Parse(Call("POST", "/faults", rule)).Text("id");

        /// <summary>Arms a named fault, such as `upsert-applied-but-502`; its id.</summary>
        public string Preset(string preset) => Json.Parse(Call("POST", "/faults/presets/" + preset)).Text("id");

        /// <summary>How many requests a fault has struck.</summary>
        public int Hits(string fault) => int.Parse(Json.Parse(Call("GET", "/faults/" + fault)).Text("hits"));

        /// <summary>Fails unless requests like this were made: {"match": {"operation": "upsert"}, "times": 1}.</summary>
        public void Verify(string asked) => Call("POST", "/verify", asked);

        /// <summary>Fails unless this is stored: {"dataset": "4tka-6guv", "count": 13}.</summary>
        public void Expect(string expected) => Call("POST", "/expect", expected);

        /// <summary>Moves the clock of this space alone.</summary>
        public void Advance(TimeSpan time) => Call("POST", "/clock/advance", "{\"ms\":" + (long)time.TotalMilliseconds + "}");

        /// <summary>Names the state of the data, for `Restore` and for `unchanged_since` of `Expect`.</summary>
        public void Snapshot(string name) => Call("PUT", "/snapshots/" + name);

        /// <summary>Gives the data of a snapshot back.</summary>
        public void Restore(string name) => Call("POST", "/snapshots/" + name + "/restore");

        /// <summary>Everything as at the beginning.</summary>
        public void Reset() => Call("POST", "/reset", "{\"to\":\"seed\"}");

        /// <summary>What the program sent and what became of each row, in ten lines at most.</summary>
        public string ReportText() =>
            Report.Describe(Json.Parse(Call("GET", "/requests")), id => Json.Parse(Call("GET", "/requests/" + id)));

        internal string ReportOrReason()
        {
            try
            {
                return ReportText();
            }
            catch (Exception reason)
            {
                return "the journal cannot be read: " + reason.Message;
            }
        }

        /// <summary>Ends the space.</summary>
        public void Dispose() => Call("DELETE", "/spaces/" + Name);
    }
}
