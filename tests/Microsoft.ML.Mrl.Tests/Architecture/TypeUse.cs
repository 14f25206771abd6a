namespace Microsoft.ML.Mrl.Tests.Architecture;

/// <summary>A type by its assembly and its full name; of nested types, the outermost.</summary>
internal readonly record struct TypeName(string Assembly, string Name);

/// <summary>A type, the source files that declare it, and the other types that it names.</summary>
internal sealed record TypeUse(TypeName Type, bool IsPublic, IReadOnlyList<string> Files, IReadOnlyList<TypeName> Uses);
