using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Checks the limits of threads that users give.</summary>
internal static class ThreadLimits
{
    /// <summary>Returns the limit, or throws an exception if it makes no sense.</summary>
    /// <param name="threads">The limit; -1 for none.</param>
    /// <param name="verb">The verb for the work of the threads.</param>
    /// <param name="parameterName">The parameter that it came in.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is neither -1 nor above 0.</exception>
    public static int Check(int threads, string verb, [CallerArgumentExpression(nameof(threads))] string parameterName = "")
        => threads is 0 or < -1
            ? throw new ArgumentOutOfRangeException(parameterName, threads,
                $"Cannot {verb} {threads} threads. Choose 1 or more, or -1 for no limit.")
            : threads;
}
