using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>
/// Tells the prototype who asks. The edge has removed every spelling of these headers from the request, and hop-by-hop processing is
/// over by the time they are added, so what arrives is Harden's word or nothing. A subject's headers are made once, because the same
/// subject comes with every request of a session.
/// </summary>
internal sealed class SubjectHeaders(AssertionSigner signer, TimeProvider time)
{
    private readonly ConditionalWeakTable<Subject, Made> made = [];

    /// <summary>Adds the headers of a subject.</summary>
    public void Add(HttpRequestHeaders headers, Subject subject, PrototypeOptions options)
    {
        var now = time.GetUtcNow();
        if (!made.TryGetValue(subject, out var its) || !ReferenceEquals(its.Options, options) || now >= its.Until)
            made.AddOrUpdate(subject, its = Make(subject, options, now));
        foreach (var (name, value) in its.Headers)
            headers.TryAddWithoutValidation(name, value);
    }

    private Made Make(Subject subject, PrototypeOptions options, DateTimeOffset now)
    {
        List<KeyValuePair<string, string>> headers = [new("X-Harden-User", HeaderValue.Of(subject.ObjectId))];
        if (subject.Name.Length > 0)
            headers.Add(new("X-Harden-Name", HeaderValue.Of(subject.Name)));
        if (subject.Email.Length > 0)
            headers.Add(new("X-Harden-Email", HeaderValue.Of(subject.Email)));
        if (subject.Roles.Count > 0)
            headers.Add(new("X-Harden-Roles", HeaderValue.Of(subject.Roles)));
        foreach (var preset in options.Identity.Presets.Distinct())
        {
            if (preset == IdentityPreset.AppService)
                AppService(headers, subject);
            else
                OAuth2Proxy(headers, subject);
        }
        if (!options.Identity.Assertion)
            return new(options, [.. headers], DateTimeOffset.MaxValue);
        headers.Add(new("X-Harden-Assertion", signer.Sign(subject, options, now)));
        return new(options, [.. headers], now + AssertionSigner.Reuse);
    }

    // As https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities describes them.
    private static void AppService(List<KeyValuePair<string, string>> headers, Subject subject)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("auth_typ"u8, "aad"u8);
            json.WriteStartArray("claims"u8);
            Claim(json, "http://schemas.microsoft.com/identity/claims/objectidentifier", subject.ObjectId);
            Claim(json, "http://schemas.microsoft.com/identity/claims/tenantid", subject.Tenant);
            Claim(json, "name", subject.Name);
            Claim(json, "preferred_username", subject.Email);
            Claim(json, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", subject.Email);
            foreach (var role in subject.Roles)
                Claim(json, "roles", role);
            foreach (var group in subject.Groups)
                Claim(json, "groups", group);
            json.WriteEndArray();
            json.WriteString("name_typ"u8, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"u8);
            json.WriteString("role_typ"u8, "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"u8);
            json.WriteEndObject();
        }
        headers.Add(new("X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String(buffer.ToArray())));
        headers.Add(new("X-MS-CLIENT-PRINCIPAL-ID", HeaderValue.Of(subject.ObjectId)));
        headers.Add(new("X-MS-CLIENT-PRINCIPAL-NAME", HeaderValue.Of(subject.Email.Length > 0 ? subject.Email : subject.Name)));
        headers.Add(new("X-MS-CLIENT-PRINCIPAL-IDP", "aad"));
    }

    private static void Claim(Utf8JsonWriter json, string type, string value)
    {
        if (value.Length == 0)
            return;
        json.WriteStartObject();
        json.WriteString("typ"u8, type);
        json.WriteString("val"u8, value);
        json.WriteEndObject();
    }

    private static void OAuth2Proxy(List<KeyValuePair<string, string>> headers, Subject subject)
    {
        headers.Add(new("X-Forwarded-User", HeaderValue.Of(subject.ObjectId)));
        if (subject.Email.Length > 0)
        {
            headers.Add(new("X-Forwarded-Email", HeaderValue.Of(subject.Email)));
            headers.Add(new("X-Forwarded-Preferred-Username", HeaderValue.Of(subject.Email)));
        }
        if (subject.Groups.Count > 0)
            headers.Add(new("X-Forwarded-Groups", HeaderValue.Of(subject.Groups)));
    }

    /// <summary>A subject's headers, and until when they are good.</summary>
    private sealed record Made(PrototypeOptions Options, KeyValuePair<string, string>[] Headers, DateTimeOffset Until);
}
