namespace Microsoft.ML.Mrl;

/// <summary>What of the rows already loaded is read again and compared, when a load goes on.</summary>
public enum ResumeCheck
{
    /// <summary>Ids, vectors and columns, to the last bit. The default. Computes the vectors again where the view computes them.</summary>
    Rows,

    /// <summary>Ids alone: for vectors that are costly to compute, or that another machine computes with other last digits.</summary>
    Ids,
}
