namespace Microsoft.ML.Mrl.Schema;

/// <summary>Reports all invalid options at once.</summary>
internal static class OptionProblems
{
    /// <param name="problems">A sentence for each problem, which also says what to do. It is empty if all options are valid.</param>
    /// <param name="options">The name of the options' type.</param>
    /// <param name="parameterName">The parameter that they came in.</param>
    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    public static void ThrowIfAny(IEnumerable<string> problems, string options, string parameterName)
    {
        string[] all = [.. problems];
        if (all.Length > 0)
        {
            throw new ArgumentException($"{options} are invalid: {string.Join(" ", all)}", parameterName);
        }
    }
}
