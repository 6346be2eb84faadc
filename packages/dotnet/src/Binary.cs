using System;
using System.IO;
using System.Runtime.InteropServices;

namespace SodaMock
{
    /// <summary>There is no soda-mock on this machine; the message says how to get it.</summary>
    public sealed class MissingBinaryException : Exception
    {
        internal MissingBinaryException(string message) : base(message) { }
    }

    /// <summary>Where the binary is.</summary>
    static class Binary
    {
        static bool Windows => Path.DirectorySeparatorChar == '\\';
        static string Name => Windows ? "soda-mock.exe" : "soda-mock";

        static string Platform
        {
            get
            {
                var mac = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);
                var cpu = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
                return (Windows ? "win" : mac ? "osx" : "linux") + "-" + cpu;
            }
        }

        /// <summary>That of SODA_MOCK, else that of the package beside the program, else that of PATH.</summary>
        public static string Find()
        {
            var named = Environment.GetEnvironmentVariable("SODA_MOCK");
            if (!string.IsNullOrEmpty(named)) return named;
            var beside = AppDomain.CurrentDomain.BaseDirectory;
            var packed = Path.Combine(beside, "runtimes", Platform, "native", Name);
            foreach (var path in new[] { packed, Path.Combine(beside, Name) }) if (File.Exists(path)) return path;
            foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            {
                var path = Path.Combine(folder, Name);
                if (folder != "" && File.Exists(path)) return path;
            }
            throw new MissingBinaryException("the soda-mock binary is not here: the package has it in runtimes/" + Platform
                + "/native; else build it (cargo install soda-mock) and name it in SODA_MOCK");
        }
    }
}
