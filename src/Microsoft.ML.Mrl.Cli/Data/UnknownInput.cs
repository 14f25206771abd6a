using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Says why no column of a file could be taken for the input.</summary>
internal static class UnknownInput
{
    /// <summary>Makes the error.</summary>
    /// <param name="sample">The file.</param>
    /// <param name="free">The columns that have no role.</param>
    /// <param name="wantsText">Whether the input must be a text, or <see langword="null"/> if it may be a vector as well.</param>
    public static CommandException Error(TableSample sample, IEnumerable<int> free, bool? wantsText)
    {
        bool hasVector = false, hasNumber = false, hasText = false;
        foreach (int column in free)
        {
            bool isVector = sample.IsVector(column) || sample.IsArray(column);
            hasVector |= isVector;
            hasText |= !isVector;
            hasNumber |= sample.IsNumber(column);
        }
        string columns = $"{RowReader.Shown(sample.Columns)}.";
        return new CommandException(wantsText switch
        {
            true when !hasText => $"'{sample.Name}' has no column of texts: {columns} Give a file of texts.",
            false when !hasVector && !hasNumber =>
                $"'{sample.Name}' has no column of vectors or numbers: {columns} Give a file of vectors.",
            true => CannotTell("is the text. Name it with --text-col"),
            false => CannotTell("is the vector. Name it, or its columns as first..last, with --vector-col"),
            null => CannotTell(
                "is the input. Name the text with --text-col, or the vector (or its columns as first..last) with --vector-col"),
        });

        string CannotTell(string ask) => $"Cannot tell which column of '{sample.Name}' {ask}: {columns}{sample.HeaderAdvice}";
    }
}
