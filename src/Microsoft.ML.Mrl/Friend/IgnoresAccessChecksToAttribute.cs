namespace System.Runtime.CompilerServices;

/// <summary>
/// Tells the runtime that this assembly may use the internal members of another one. The runtime knows it by name;
/// the compiler does not, which is why the build compiles against friend copies (see FriendReferences.targets).
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>Gets the simple name of the assembly whose internals are used.</summary>
    public string AssemblyName { get; } = assemblyName;
}
