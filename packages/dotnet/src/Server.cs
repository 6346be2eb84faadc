using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace SodaMock
{
    /// <summary>A server process that ends with its owner, however that ends; or one that somebody else runs. It is also
    /// a class fixture of xUnit.</summary>
    public sealed class Server : IDisposable
    {
        static readonly Lazy<Server> shared = new Lazy<Server>(() =>
        {
            var url = Environment.GetEnvironmentVariable("SODA_MOCK_URL");
            return string.IsNullOrEmpty(url) ? new Server() : At(url);
        });

        Process process;
        string folder;
        StringBuilder log;

        /// <summary>The server of this process: that of SODA_MOCK_URL, or one that ends with the process.</summary>
        public static Server Shared => shared.Value;

        /// <summary>http://127.0.0.1:PORT</summary>
        public string Url { get; private set; }
        /// <summary>The admin API's address.</summary>
        public string Admin { get; private set; }
        /// <summary>https://localhost:PORT; null for a server elsewhere.</summary>
        public string Https { get; private set; }
        /// <summary>The file with the certificate to trust; null for a server elsewhere.</summary>
        public string Ca { get; private set; }

        /// <summary>Starts one on a free port.</summary>
        public Server() => Begin("");

        /// <summary>Starts one with more arguments of `soda-mock serve`, as a command line.</summary>
        public static Server Start(string arguments)
        {
            var server = new Server(0);
            server.Begin(arguments);
            return server;
        }

        Server(int _) { }

        /// <summary>A server that somebody else runs.</summary>
        public static Server At(string url)
        {
            url = url.TrimEnd('/');
            return new Server(0) { Url = url, Admin = url + "/__mock/v1" };
        }

        void Begin(string arguments)
        {
            folder = Path.Combine(Path.GetTempPath(), "soda-mock-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            var options = "serve --port 0 --exit-with-stdin --ca-dir \"" + Path.Combine(folder, "ca") + "\" " + arguments;
            process = new Process
            {
                StartInfo = new ProcessStartInfo(Binary.Find(), options)
                {
                    UseShellExecute = false,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                },
            };
            log = new StringBuilder();
            process.ErrorDataReceived += (_, told) => { lock (log) if (log.Length < 4096) log.AppendLine(told.Data); };
            process.Start();
            process.BeginErrorReadLine();
            // The line comes when the server can work, so there is nothing to poll.
            var line = process.StandardOutput.ReadLine();
            if (line == null)
            {
                process.WaitForExit();
                var reason = log.ToString().Trim();
                Dispose();
                throw new InvalidOperationException("soda-mock did not start: " + reason);
            }
            var ready = Json.Parse(line);
            Url = (string)ready.Element("http");
            Https = (string)ready.Element("https");
            Admin = (string)ready.Element("admin");
            Ca = (string)ready.Element("ca");
        }

        /// <summary>A new space: a world of its own in this server.</summary>
        public Space NewSpace() => new Space(this);

        /// <summary>Runs a test with a space of its own. When it fails, the message says what was sent and what became
        /// of each row.</summary>
        public async Task InSpace(Func<Space, Task> test)
        {
            using (var space = NewSpace())
            {
                try
                {
                    await test(space);
                }
                catch (Exception failure)
                {
                    throw new FailedInSpaceException(failure, space);
                }
            }
        }

        /// <summary>The same for a test that awaits nothing.</summary>
        public void InSpace(Action<Space> test) =>
            InSpace(space => { test(space); return Task.CompletedTask; }).GetAwaiter().GetResult();

        /// <summary>Ends the process, if it is ours.</summary>
        public void Dispose()
        {
            if (process == null) return;
            process.StandardInput.Close();
            if (!process.WaitForExit(10000)) process.Kill();
            process.Dispose();
            process = null;
            Directory.Delete(folder, true);
        }
    }

    /// <summary>A test's failure with what its program had sent.</summary>
    public sealed class FailedInSpaceException : Exception
    {
        internal FailedInSpaceException(Exception failure, Space space)
            : base(failure.Message + "\n\nsoda-mock: what was sent to " + space.Name + "\n" + space.ReportOrReason(), failure) { }
    }
}
