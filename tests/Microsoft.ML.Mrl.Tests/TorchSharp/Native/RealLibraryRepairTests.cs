using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

public class RealLibraryRepairTests
{
    [Fact]
    public void Repair_LibTorchSharp_ChangesOnlySymbolNameVersionAndNeed()
    {
        byte[] file = ReadLibTorchSharp();

        byte[]? repaired = ElfRepair.Repair(file).Repaired;

        Assert.NotNull(repaired);
        Assert.False(ElfRepair.Repair(repaired).IsNeeded);
        Assert.Equal(-1, repaired.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8));
        Assert.NotEqual(-1, repaired.AsSpan().IndexOf("\0_ZNSt8ios_base4InitC1Ev\0"u8));
        (int name, int version, int need) = CountChanges(file, repaired);
        Assert.InRange(name, 1, ElfRepair.NewerSymbol.Length);
        Assert.InRange(version, 1, 2);
        Assert.InRange(need, 1, 8);
    }

    [Fact]
    public void Repair_LibTorchSharpWithOneByteChanged_SucceedsOrRefuses()
    {
        byte[] file = ReadLibTorchSharp();
        var image = new ElfImage(file);
        ElfSection symbols = image.FindSection(ElfRepair.DynamicSymbols, ".dynsym");
        ElfSection needs = image.FindSection(ElfRepair.VersionNeeds, ".gnu.version_r");
        var random = new Random(20222);
        for (int i = 0; i < 200; i++)
        {
            ElfSection section = i % 4 == 0 ? symbols : needs;
            int at = section.Offset + random.Next(section.Length);
            byte before = file[at];
            file[at] = (byte)random.Next(256);
            try
            {
                ElfRepair.Repair(file);
            }
            catch (ElfRepairException)
            {
            }
            file[at] = before;
        }
    }

    private static byte[] ReadLibTorchSharp()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(path), "The output has TorchSharp's library of another platform.");
        return File.ReadAllBytes(path);
    }

    private static (int Name, int Version, int Need) CountChanges(byte[] before, byte[] after)
    {
        Assert.Equal(before.Length, after.Length);
        var image = new ElfImage(before);
        ElfSection symbols = image.FindSection(ElfRepair.DynamicSymbols, ".dynsym");
        ElfSection strings = image.StringsOf(symbols);
        ElfSection versions = image.FindSection(ElfRepair.SymbolVersions, ".gnu.version");
        ElfSection needs = image.FindSection(ElfRepair.VersionNeeds, ".gnu.version_r");
        (int name, int version, int need) = (0, 0, 0);
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] == after[i])
            {
                continue;
            }
            if (Holds(strings, i))
            {
                name++;
            }
            else if (Holds(versions, i))
            {
                version++;
            }
            else
            {
                Assert.True(Holds(needs, i), $"Byte {i} was changed.");
                need++;
            }
        }
        return (name, version, need);
    }

    private static bool Holds(ElfSection section, int offset) => offset >= section.Offset && offset < section.Offset + section.Length;
}
