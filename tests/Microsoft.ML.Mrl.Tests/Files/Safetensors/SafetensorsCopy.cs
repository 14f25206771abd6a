using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Tests.Files.Safetensors;

/// <summary>Writes a file's tensors and texts into another file, in their order.</summary>
internal static class SafetensorsCopy
{
    public static void Write(SafetensorsFile file, string path) => SafetensorsWriter.Write(
        path,
        [.. file.Tensors.Select(t => (t.Name, t.Type, t.Shape))],
        (i, stream) =>
        {
            byte[] bytes = new byte[file.Tensors[i].Length];
            file.ReadBytes(file.Tensors[i], 0, bytes);
            stream.Write(bytes);
        },
        file.Metadata);
}
