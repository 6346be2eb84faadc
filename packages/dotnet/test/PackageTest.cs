using System;
using System.Net.Http;
using NUnit.Framework;
using SodaMock;

/// <summary>The library from its package: what failures show, what is refused, how servers start and end.</summary>
[TestFixture]
public class PackageTest
{
    const string Keyed = @"{""columns"": [{""fieldName"": ""id""}], ""metadata"": {""rowIdentifier"": ""id""}}";

    [Test]
    public void AFailureSaysWhatWasSentAndHowRowsFared()
    {
        var failure = Assert.Throws<FailedInSpaceException>(() => Server.Shared.InSpace(space =>
        {
            space.Dataset("read-ings", Keyed);
            new Publisher(space.Url, space.User, space.Password).Publish("read-ings", @"[{""id"": ""a""}, {""id"": null}]");
            space.Expect(@"{""dataset"": ""read-ings"", ""count"": 2}");
        }));
        Assert.IsInstanceOf<UnmetException>(failure.InnerException);
        foreach (var part in new[] {
            "read-ings: 1 row, expected exactly 2", "soda-mock: what was sent to space-",
            "#1 POST /resource/read-ings.json 200 1 created 1 errors", "    1 row created: a", ": row 1" })
            StringAssert.Contains(part, failure.Message);
        Assert.LessOrEqual(failure.Message.Split('\n').Length, 13);
    }

    [Test]
    public void TheReportHasTenLinesAtMostWithTheNewestRequest() => Server.Shared.InSpace(space =>
    {
        space.Dataset("read-ings", Keyed);
        for (var number = 1; number < 15; number++)
        {
            new Publisher(space.Url, space.User, space.Password).Publish("read-ings", @"[{""id"": ""a""}, {""id"": ""b"", "":deleted"": true}]");
            var lines = space.ReportText().Split('\n');
            Assert.LessOrEqual(lines.Length, 10);
            Assert.IsTrue(Array.Exists(lines, line => line.StartsWith("#" + number + " ")), space.ReportText());
        }
    });

    [Test]
    public void SpacesDoNotSeeEachOther()
    {
        using (var one = Server.Shared.NewSpace())
        using (var two = Server.Shared.NewSpace())
        {
            one.Dataset("read-ings", Keyed);
            StringAssert.Contains("not_found", Assert.Throws<RefusedException>(() => two.Rows("read-ings")).Message);
            one.Snapshot("before");
            one.Advance(TimeSpan.FromSeconds(1));
            one.Restore("before");
            one.Expect(@"{""dataset"": ""read-ings"", ""unchanged_since"": ""before""}");
            one.Reset();
        }
    }

    [Test]
    public void WhatWasAskedAndIsNotSoHasTheNearestRequest() => Server.Shared.InSpace(space =>
    {
        new Publisher(space.Url, space.User, space.Password).Publish("4tka-6guv", "[]");
        var unmet = Assert.Throws<UnmetException>(() => space.Verify(@"{""match"": {""method"": ""PUT""}}"));
        StringAssert.Contains("method is POST, expected PUT", unmet.Message);
        unmet = Assert.Throws<UnmetException>(() => space.Expect(
            @"{""dataset"": ""4tka-6guv"", ""where"": ""earthquake_id='00388609'"", ""partial"": true, ""rows"": [{""earthquake_id"": ""00388609"", ""magnitude"": 9}]}"));
        StringAssert.Contains("magnitude: expected 9, is 1.1", unmet.Message);
    });

    [Test]
    public void AServerEndsWithDispose()
    {
        string url;
        using (var server = Server.Start("--ids 7"))
        using (var space = Server.At(server.Url).NewSpace())
        {
            url = server.Url;
            StringAssert.Contains("00388609", space.Rows("4tka-6guv"));
        }
        Assert.Throws<HttpRequestException>(() => new HttpClient().GetAsync(url).GetAwaiter().GetResult());
    }

    [Test]
    public void AServerThatCannotStartSaysWhy()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Server.Start("--no-such-option"));
        StringAssert.Contains("--no-such-option", failure.Message);
    }
}
