using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>
/// Reads and writes what a saved step holds besides learned numbers, such as its columns and dimensions: a <see cref="ChecksummedFrame"/>
/// named MRLSTEP in the stream Settings.bin.
/// </summary>
/// <remarks>
/// ML.NET's own part of a step, Model.key, has no checksum. Therefore only the name and version of the step's form are kept there.
/// </remarks>
internal static class StepSettings
{
    private const string StreamName = "Settings.bin";
    private const byte Version = 1;
    private const int MaxBytes = 1 << 24;

    private static ReadOnlySpan<byte> Magic => "MRLSTEP"u8;

    public static void Write(ModelSaveContext context, Action<BinaryWriter> write) => context.SaveBinaryStream(StreamName,
        writer => ChecksummedFrame.Write(writer.BaseStream, Magic, Version, write));

    /// <summary>Reads a step whose settings <see cref="Write"/> wrote.</summary>
    /// <param name="context">The step.</param>
    /// <param name="make">Makes the step of its settings, to their last byte.</param>
    /// <exception cref="InvalidDataException">The settings are missing or damaged, or the step cannot be made of them.</exception>
    public static T Read<T>(ModelLoadContext context, Func<BinaryReader, T> make)
    {
        T? step = default;
        bool found = context.TryLoadBinaryStream(StreamName, stream => step = ChecksummedFrame.Read(
            stream.BaseStream, Magic, (Version, Version), "step", MaxBytes, (settings, _) => make(settings)));
        return found ? step! : throw new InvalidDataException("The step has no settings. The model is damaged: copy or train it again.");
    }
}
