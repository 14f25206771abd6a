using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Mono.Cecil;
using Mono.Cecil.Cil;

/// <summary>Represents a build task that copies assemblies as references only, and declares more friends in each.</summary>
public sealed class WriteFriendReferences : Task
{
    [Required]
    public ITaskItem[] Assemblies { get; set; }

    [Required]
    public string OutputFolder { get; set; }

    [Required]
    public string[] Friends { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(OutputFolder);
        foreach (ITaskItem item in Assemblies)
        {
            Write(item.ItemSpec, Path.Combine(OutputFolder, Path.GetFileName(item.ItemSpec)));
        }
        return !Log.HasLoggedErrors;
    }

    private void Write(string source, string target)
    {
        using (var resolver = new DefaultAssemblyResolver())
        {
            resolver.AddSearchDirectory(Path.GetDirectoryName(source));
            using (var assembly = AssemblyDefinition.ReadAssembly(source, new ReaderParameters { AssemblyResolver = resolver }))
            {
                ModuleDefinition module = assembly.MainModule;
                CustomAttribute sample = assembly.CustomAttributes.FirstOrDefault(a =>
                    a.AttributeType.Name == "InternalsVisibleToAttribute");
                if (sample == null)
                {
                    Log.LogError("'{0}' declares no friend assemblies, so its internals cannot be opened the same way. Is this the " +
                        "expected ML.NET version?", source);
                    return;
                }
                foreach (string friend in Friends.Distinct())
                {
                    assembly.CustomAttributes.Add(new CustomAttribute(sample.Constructor)
                    {
                        ConstructorArguments = { new CustomAttributeArgument(module.TypeSystem.String, friend) },
                    });
                }
                foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
                {
                    method.Body = new MethodBody(method);
                    ILProcessor il = method.Body.GetILProcessor();
                    il.Emit(OpCodes.Ldnull);
                    il.Emit(OpCodes.Throw);
                }
                module.Resources.Clear();
                // Two builds of the same project may run at once: write aside, then move into place.
                string aside = target + "." + Guid.NewGuid().ToString("N");
                assembly.Write(aside);
                if (File.Exists(target)) { File.Delete(target); }
                File.Move(aside, target);
            }
        }
    }
}
