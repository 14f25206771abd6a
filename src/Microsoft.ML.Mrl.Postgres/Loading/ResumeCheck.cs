namespace Microsoft.ML.Mrl;

/// <summary>Specifies which parts of the rows that are already loaded are read again and compared when a load is resumed.</summary>
public enum ResumeCheck
{
    /// <summary>
    /// Compares ids, vectors and other columns, to the last bit. A view that computes vectors computes them again. This is the default.
    /// </summary>
    Rows,

    /// <summary>Compares ids alone, for vectors that are expensive to compute or whose last digits differ between machines.</summary>
    Ids,
}
