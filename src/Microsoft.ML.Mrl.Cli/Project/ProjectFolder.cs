using System.Text;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>
/// Represents the folder of the project that a training writes. Whether it can be written is checked before the training, and it is created
/// at the end.
/// </summary>
internal sealed class ProjectFolder
{
    private ProjectFolder(ProjectName name, string fullPath, bool replaces)
    {
        Name = name;
        FullPath = fullPath;
        Replaces = replaces;
    }

    /// <summary>Gets the name of the folder and of the files in it.</summary>
    public ProjectName Name { get; }

    /// <summary>Gets the full path of the folder.</summary>
    public string FullPath { get; }

    /// <summary>Gets a value indicating whether an earlier training left files here.</summary>
    public bool Replaces { get; }

    public string ModelFile => Name.FileName + ".zip";

    public string OnnxFile => Name.FileName + ".onnx";

    /// <summary>Gets the file of the rows that were held out to test with, in ML.NET's binary form.</summary>
    public string HeldOutFile => Name.FileName + ".held-out.idv";

    public string ConfigFile => Name.FileName + TrainingConfig.Extension;

    /// <summary>Checks that the folder can be written, without leaving a trace.</summary>
    /// <exception cref="CommandException">The folder cannot be written, or holds something that mrl train did not write.</exception>
    public static ProjectFolder Claim(TrainRequest request)
    {
        ProjectName name = request.Name is { } chosen ? ProjectName.Of(chosen) : ProjectName.OfDataset(
            request.Dataset ?? ShippedData.FileName);
        if (request.Output.Trim().Length == 0 || request.Output.Contains('\0'))
        {
            throw new CommandException(
                "Cannot write to a folder without a name. Give one to --output, such as --output . for the current folder.",
                    ExitCode.Usage);
        }
        string fullPath = Path.GetFullPath(Path.Combine(request.Output, name.FileName));
        if (File.Exists(fullPath))
        {
            throw new CommandException($"Cannot make the folder '{fullPath}': a file has that name. Choose another --name or --output.");
        }
        bool exists = Directory.Exists(fullPath) && Directory.EnumerateFileSystemEntries(fullPath).Any();
        var folder = new ProjectFolder(name, fullPath, exists);
        if (exists && !TrainingConfig.IsOurs(folder.PathOf(folder.ConfigFile)))
        {
            throw new CommandException(
                $"The folder '{fullPath}' is there already, and mrl train did not make it: it has no {folder.ConfigFile}. "
                + $"Choose another --name or --output, or empty it.");
        }
        if (SavedEncoder.IsTaken(folder.PathOf(SavedEncoder.FolderName)))
        {
            throw new CommandException(
                $"Cannot write to '{fullPath}': its '{SavedEncoder.FolderName}' is there already and is not an encoder that mrl train "
                + $"saved. Move it away, or choose another --name or --output.");
        }
        folder.Probe(request.Output);
        return folder;
    }

    /// <summary>Returns the path of a file in the folder.</summary>
    public string PathOf(string fileName) => Path.Combine(FullPath, fileName);

    /// <summary>Saves the model, and deletes what an earlier training exported of another model.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="input">The schema of the rows to embed, without a label.</param>
    public void SaveModel(MLContext mlContext, ITransformer model, DataViewSchema input)
    {
        Write(ModelFile, stream => mlContext.Model.Save(model, input, stream));
        File.Delete(PathOf(OnnxFile));
        File.Delete(PathOf(HeldOutFile));
        SavedEncoder.Delete(PathOf(SavedEncoder.FolderName));
    }

    /// <summary>Saves a fine-tuned encoder as a folder.</summary>
    public void WriteEncoder(TextEncoder encoder) => SavedEncoder.Write(PathOf(SavedEncoder.FolderName), encoder.Save);

    /// <summary>Writes a whole file. An earlier file is replaced only when the new content is complete.</summary>
    public void Write(string fileName, Action<Stream> write) => Claim(fileName).Write(write);

    /// <summary>Writes a file of text.</summary>
    public void WriteText(string fileName, string content) =>
        Write(fileName, stream => stream.Write(Encoding.UTF8.GetBytes(content.ReplaceLineEndings("\n"))));

    /// <summary>Makes sure that a file in the folder can be written; makes the folder.</summary>
    public OutputFile Claim(string fileName)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(fileName))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot make the folder '{FullPath}': {e.Message}", inner: e);
        }
        return OutputFile.Claim(PathOf(fileName), fileName);
    }

    // The folder may not exist yet, nor the one above it. The nearest one that exists has to take files.
    private void Probe(string output)
    {
        string? existing = FullPath;
        while (existing is not null && !Directory.Exists(existing))
        {
            if (File.Exists(existing))
            {
                throw new CommandException($"Cannot write to '{output}': '{existing}' is a file, not a folder. Choose another --output.");
            }
            existing = Path.GetDirectoryName(existing);
        }
        if (existing is null)
        {
            throw new CommandException($"Cannot write to '{output}': there is no such place. Choose another --output.");
        }
        string probe = Path.Combine(existing, $".{Path.GetRandomFileName()}.mrl.tmp");
        try
        {
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"Cannot write to '{output}': {e.Message} Choose another --output, or change the folder's permissions.", inner: e);
        }
    }
}
