using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Harden.Gateway.Identity.Keys;

/// <summary>The key ring of a gateway that is alone: files in the state directory that only its own account may read.</summary>
internal sealed class FileKeyRepository(string directory) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. Directory.EnumerateFiles(directory, "*.xml").Select(static file => XElement.Load(file))];

    public void StoreElement(XElement element, string friendlyName) =>
        PrivateFile.Write(Path.Combine(directory, $"{friendlyName}.xml"), element.ToString());
}
