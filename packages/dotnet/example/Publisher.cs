using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

/// <summary>A publishing program: sends rows to a dataset, and again when the site does not answer.</summary>
sealed class Publisher
{
    readonly HttpClient http = new HttpClient();
    readonly string url;

    public Publisher(string url, string user, string password)
    {
        this.url = url;
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", login);
    }

    public string Publish(string dataset, string rows)
    {
        for (var attempt = 1; ; attempt++)
        {
            var body = new StringContent(rows, Encoding.UTF8, "application/json");
            var answer = http.PostAsync(url + "/resource/" + dataset + ".json", body).GetAwaiter().GetResult();
            var told = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
            if (answer.IsSuccessStatusCode) return told;
            if ((int)answer.StatusCode < 500 || attempt == 3) throw new Exception((int)answer.StatusCode + ": " + told);
        }
    }
}
