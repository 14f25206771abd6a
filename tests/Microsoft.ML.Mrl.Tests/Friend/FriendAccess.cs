using System.Runtime.CompilerServices;

// The attribute itself is Microsoft.ML.Mrl's.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
