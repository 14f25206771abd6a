using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Friend;

/// <summary>One component's line to <c>mlContext.Log</c>, for the project that is no friend of ML.NET's.</summary>
internal sealed class MrlLog(IHost host, string component) : IDisposable
{
    private readonly IChannel _channel = host.Start(component);

    public void Info(string message) => _channel.Info(message);

    public void Warning(string message) => _channel.Warning(message);

    public void Dispose() => _channel.Dispose();
}
