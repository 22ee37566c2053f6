using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Harden.Gateway.Tests;

/// <summary>Stages exchange facts through RequestScope only. Read from the compiled code, because a namespace can be used without a using.</summary>
public sealed class StageIsolationTests
{
    private const string Root = "Harden.Gateway";
    private static readonly string[] Stages = ["Edge", "Identity", "Access", "RateLimits", "Audit", "Telemetry", "Proxy", "Console"];

    [Fact]
    public void Stages_DoNotReferenceOneAnother()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(RequestScope).Assembly.Location);
        var types = assembly.MainModule.GetTypes().ToArray();
        Assert.All(Stages, stage => Assert.Contains(types, t => StageOf(t) == stage));

        var crossings = types
            .Where(static type => StageOf(type) is not null)
            .SelectMany(static type => References(type)
                .Where(to => StageOf(to) is { } other && other != StageOf(type))
                .Select(to => $"{type.FullName} -> {to.FullName}"))
            .Distinct();

        Assert.Empty(crossings);
    }

    [Fact]
    public void RootTypes_NameNoStage_ExceptProgram()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(RequestScope).Assembly.Location);

        var crossings = assembly.MainModule.GetTypes()
            .Where(static type => Outermost(type).Namespace is Root or Root + ".Configuration" && Outermost(type).Name != "Program")
            .SelectMany(static type => References(type).Where(static to => StageOf(to) is not null).Select(to => $"{type.FullName} -> {to.FullName}"))
            .Distinct();

        Assert.Empty(crossings);
    }

    private static IEnumerable<TypeReference> References(TypeDefinition type)
    {
        var found = new List<TypeReference?> { type.BaseType };
        found.AddRange(type.Interfaces.Select(static i => i.InterfaceType));
        found.AddRange(type.Fields.Select(static f => f.FieldType));
        foreach (var method in type.Methods)
        {
            found.Add(method.ReturnType);
            found.AddRange(method.Parameters.Select(static p => p.ParameterType));
            foreach (var instruction in method.HasBody ? method.Body.Instructions : [])
            {
                switch (instruction.Operand)
                {
                    case TypeReference operand:
                        found.Add(operand);
                        break;
                    case MemberReference member:
                        found.Add(member.DeclaringType);
                        if (member is GenericInstanceMethod generic)
                            found.AddRange(generic.GenericArguments);
                        break;
                    case VariableDefinition variable:
                        found.Add(variable.VariableType);
                        break;
                }
            }
        }
        return found.OfType<TypeReference>().SelectMany(Flatten);
    }

    private static IEnumerable<TypeReference> Flatten(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Flatten).Append(generic.ElementType),
        TypeSpecification specification => Flatten(specification.ElementType),
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is not null)
            type = type.DeclaringType;
        return type;
    }

    private static string? StageOf(TypeReference type)
    {
        var name = Outermost(type).Namespace;
        if (!name.StartsWith(Root + ".", StringComparison.Ordinal))
            return null;
        var stage = name[(Root.Length + 1)..].Split('.')[0];
        return Stages.Contains(stage) ? stage : null;
    }
}
