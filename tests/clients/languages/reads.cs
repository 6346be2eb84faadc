// Reads by the client of .NET: `reads.exe [ADDRESS]`.
using System;
using System.Net;

static class Reads
{
    const string Address = "https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1";

    static int Main(string[] given)
    {
        try
        {
            Console.WriteLine("WebClient " + new WebClient().DownloadString(given.Length > 0 ? given[0] : Address).Trim());
            return 0;
        }
        catch (WebException error)
        {
            Console.WriteLine("WebClient failed: " + (error.InnerException ?? error).Message);
            return 1;
        }
    }
}
