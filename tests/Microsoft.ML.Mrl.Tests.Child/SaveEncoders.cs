using Microsoft.ML.Mrl;

/// <summary>Saves two encoders over one another, again and again, for a test that ends the process in between.</summary>
internal static class SaveEncoders
{
    public static void Forever(string folder, string first, string second)
    {
        TextEncoder[] encoders = [TextEncoder.Load(first), TextEncoder.Load(second)];
        Console.WriteLine("ready");
        for (int i = 0; ; i++)
        {
            encoders[i % 2].Save(folder);
        }
    }
}
