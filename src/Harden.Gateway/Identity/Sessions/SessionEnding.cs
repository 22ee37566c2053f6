using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>Ends many sessions: all of a person, or all that began with one session at Entra. Here at once also if the store can't be asked.</summary>
internal sealed class SessionEnding(SessionTable sessions, ISessionStore store)
{
    /// <summary>Ends a subject's sessions.</summary>
    /// <returns>How many, and whether that is all of them.</returns>
    public Task<(int Ended, bool All)> OfSubjectAsync(string subject, string reason) =>
        EndAsync(session => session.Subject.Key == subject, () => store.OfSubjectAsync(subject), reason);

    /// <summary>Ends the sessions that began with Entra's session <c>sid</c>.</summary>
    /// <returns>How many, and whether that is all of them.</returns>
    public Task<(int Ended, bool All)> OfEntraSessionAsync(string sid, string reason) =>
        EndAsync(session => session.State.EntraSession == sid, () => store.OfEntraSessionAsync(sid), reason);

    private async Task<(int Ended, bool All)> EndAsync(Func<Session, bool> fits, Func<ValueTask<string[]>> find, string reason)
    {
        UInt128[] found;
        var all = true;
        try
        {
            found = [.. (await find()).Select(static id => SessionKey.Parse(id)).OfType<UInt128>()];
        }
        catch (SessionStoreException)
        {
            // Anybody may ask for a front-channel sign-out: all that are known here are looked through only if the store has no better answer.
            (found, all) = ([.. sessions.Known.Where(fits).Select(static session => session.Key.Number)], false);
        }
        var ended = 0;
        foreach (var number in found)
        {
            var there = sessions.Of(number) is not null;
            try
            {
                sessions.Forget(number, reason);
                there |= await store.RemoveAsync(SessionKey.Text(number), reason);
            }
            catch (SessionStoreException)
            {
                all = false;
                sessions.Owe(number, reason);
            }
            ended += there ? 1 : 0;
        }
        return (ended, all);
    }
}
