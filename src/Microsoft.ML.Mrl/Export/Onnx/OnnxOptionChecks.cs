namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>What the options of both kinds of ONNX export are held to.</summary>
internal static class OnnxOptionChecks
{
    public static IEnumerable<string> Name(string? name, string option)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            yield return $"{option} is empty. Give a name.";
        }
    }

    public static IEnumerable<string> Known(Enum value, string option)
    {
        if (!Enum.IsDefined(value.GetType(), value))
        {
            yield return $"{option} {value} is not known. Choose {string.Join(" or ", Enum.GetNames(value.GetType()))}.";
        }
    }

    /// <summary>Reports everything that is wrong at once.</summary>
    public static void Throw(List<string> wrong)
    {
        if (wrong.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", wrong), "options");
        }
    }
}
