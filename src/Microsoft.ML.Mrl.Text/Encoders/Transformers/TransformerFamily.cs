namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Architectures that differ in the names of their tensors, in their positions, or in their attention.</summary>
internal enum TransformerFamily
{
    /// <summary>BERT (Devlin et al. 2018, arXiv:1810.04805).</summary>
    Bert,

    /// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): as BERT, without token types, with other names.</summary>
    DistilBert,

    /// <summary>RoBERTa and XLM-R (Liu et al. 2019, arXiv:1907.11692; Conneau et al. 2019, arXiv:1911.02116): positions count real tokens from the padding id + 1.</summary>
    Roberta,

    /// <summary>MPNet (Song et al. 2020, arXiv:2004.09297): positions as RoBERTa, no token types, and a relative bias that all layers share.</summary>
    MpNet,
}
