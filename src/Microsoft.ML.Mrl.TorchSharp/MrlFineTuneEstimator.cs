using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Trains a Matryoshka head on an embedding column. Comes from <c>mlContext.Transforms.MrlFineTune(...)</c>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of <xref:System.Single>, dense or sparse |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl.TorchSharp, and a libtorch package such as TorchSharp-cpu |
/// | Exportable to ONNX | Yes |
/// ]]></format>
/// The same seed on the same machine gives the same bytes. The fitted transformer is managed code and needs no libtorch.
/// </remarks>
public sealed class MrlFineTuneEstimator : IEstimator<MrlTransformer>
{
    internal MrlFineTuneEstimator(IHostEnvironment environment, MrlFineTuneOptions options)
    {
    }

    /// <summary>Reads the data once and trains.</summary>
    public MrlTransformer Fit(IDataView input) => throw new NotImplementedException();

    /// <summary>The columns that will be there after this step.</summary>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => throw new NotImplementedException();
}
