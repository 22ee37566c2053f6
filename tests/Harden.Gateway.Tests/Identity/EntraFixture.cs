namespace Harden.Gateway.Tests.Identity;

/// <summary>One gateway for a whole class of tests that leave no trace in it.</summary>
public sealed class EntraFixture : IAsyncLifetime
{
    internal EntraUnderTest Test { get; private set; } = null!;

    public async Task InitializeAsync() => Test = await EntraUnderTest.StartAsync("Session:AllowedOrigins:0=https://friend.example");

    public async Task DisposeAsync() => await Test.DisposeAsync();
}
