using NUnit.Framework;
using SodaMock;

[TestFixture]
public class PublisherTest
{
    const string Readings = @"{""name"": ""Readings"", ""metadata"": {""rowIdentifier"": ""id""},
        ""columns"": [{""fieldName"": ""id""}, {""fieldName"": ""value"", ""dataTypeName"": ""number""}]}";

    [Test]
    public void RowsArrive() => Server.Shared.InSpace(space =>
    {
        space.Dataset("read-ings", Readings);
        new Publisher(space.Url, space.User, space.Password).Publish("read-ings", @"[{""id"": ""a"", ""value"": 1}]");
        space.Expect(@"{""dataset"": ""read-ings"", ""rows"": [{""id"": ""a"", ""value"": 1}]}");
        space.Verify(@"{""match"": {""operation"": ""upsert"", ""rows"": {""created"": 1, ""errors"": 0}}, ""times"": 1}");
    });

    [Test]
    public void WhatWasAppliedIsNotWrittenTwice() => Server.Shared.InSpace(space =>
    {
        space.Dataset("read-ings", Readings);
        var fault = space.Preset("upsert-applied-but-502");
        new Publisher(space.Url, space.User, space.Password).Publish("read-ings", @"[{""id"": ""a"", ""value"": 1}]");
        space.Expect(@"{""dataset"": ""read-ings"", ""count"": 1}");
        Assert.AreEqual(1, space.Hits(fault));
    });
}
