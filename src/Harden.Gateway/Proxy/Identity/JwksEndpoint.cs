using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Proxy.Identity;

/// <summary><c>/.harden/jwks.json</c>: the public keys of all replicas (RFC 7517), for whoever verifies an assertion.</summary>
internal sealed class JwksEndpoint(AssertionKeys keys, SharedAssertionKeys shared, Live<PrototypeOptions> live, TimeProvider time)
{
    /// <summary>Answers.</summary>
    public Task WriteAsync(HttpContext context)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Answer, "jwks");
        var own = live.Current.Identity.Assertion ? keys.All(live.Current.Identity.AssertionKeyLifetime, time.GetUtcNow()) : [];
        var all = own.Select(static key => key.Jwk).Union(shared.Others, StringComparer.Ordinal);
        var response = context.Response;
        response.ContentType = "application/jwk-set+json";
        response.Headers.CacheControl = "public, max-age=300"; // half the time a new key is shown before it signs
        response.Headers.XContentTypeOptions = "nosniff";
        var body = Encoding.ASCII.GetBytes($$"""{"keys":[{{string.Join(',', all)}}]}""");
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }
}
