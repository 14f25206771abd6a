using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Makes an ONNX model of a head alone: <c>[N, D_in]</c> to <c>[N, m]</c>, cut and rescaled.</summary>
internal static class OnnxExporter
{
    public static ModelProto Make(
        EmbeddingHead head, int dimensions, string inputName, string outputName, EmbeddingNormalization normalization)
    {
        OnnxFile.CheckSize(0, OnnxHead.WeightBytes(head, dimensions));
        var graph = new GraphProto { Name = "mrl_head" };
        var names = new OnnxNames();
        names.TakeValue(inputName);
        names.TakeValue(outputName);
        var builder = new OnnxGraphBuilder(graph, names, OnnxFile.OperatorSet);
        string result = OnnxHead.WriteHead(builder, head, inputName, dimensions);
        if (normalization == EmbeddingNormalization.UnitLength)
        {
            OnnxHead.WriteUnitLength(builder, result, "");
        }
        OnnxHead.NameLast(graph, outputName);
        graph.Input.Add(new ValueInfoProto { Name = inputName, Type = OnnxFile.RowsOf(Batch(), head.InputDimensions) });
        graph.Output.Add(new ValueInfoProto { Name = outputName, Type = OnnxFile.RowsOf(Batch(), dimensions) });

        System.Version version = typeof(OnnxExporter).Assembly.GetName().Version!;
        var model = new ModelProto { IrVersion = OnnxFile.FormatVersion, ProducerName = "Microsoft.ML.Mrl",
            ProducerVersion = version.ToString(3), Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxFile.OperatorSet });
        OnnxMetadata.Write(model.MetadataProps, head, dimensions, normalization);
        return model;
    }

    private static TensorShapeProto.Types.Dimension Batch() => new() { DimParam = "batch" };
}
